import { defineCluster } from 'vitest-cluster'
import { idle } from '../services/idle.ts'
import { runner } from '../tree/runner.ts'

/** The client side alone, for test files that do not use the cluster. */
export default defineCluster({
  isolation: 'range',
  tree: runner,
  services: {},
  hosts: { runner: { directories: ['/'], services: { idle: idle() } } },
})
