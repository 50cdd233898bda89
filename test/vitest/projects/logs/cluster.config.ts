import { defineCluster } from 'vitest-cluster'
import { parrot } from '../parrot.ts'

export default defineCluster({ services: { polly: parrot(), jack: parrot(), mute: parrot() } })
