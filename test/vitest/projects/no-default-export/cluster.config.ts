import { defineCluster } from 'vitest-cluster'
import { cache } from '../cache.ts'

export const cluster = defineCluster({ services: { cache: cache() } })
