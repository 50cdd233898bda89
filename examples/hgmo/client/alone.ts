import { defineCluster, defineService } from 'vitest-cluster'
import { runner } from '../tree/runner.ts'

/** A session has at least one service. */
const idle = defineService({
  kind: 'idle',
  ready: 'started',
  command: () => ['/bin/sleep', 'infinity'],
})

/** The client side alone, for test files that do not use the cluster. */
export default defineCluster({
  isolation: 'range',
  tree: runner,
  services: {},
  hosts: { runner: { directories: ['/'], services: { idle } } },
})
