import { defineCluster } from 'vitest-cluster'
import { parrot } from '../parrot.ts'

export default defineCluster({ services: { shared: parrot(), onlyA: parrot(), onlyB: parrot() } })
