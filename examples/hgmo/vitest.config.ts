import { defineConfig } from 'vitest/config'
import vitestCluster from 'vitest-cluster/plugin'
import { noCheckout } from './checkout.ts'

/** What needs no cluster. */
const ALONE = ['checkout.test.ts', 'tree/setup.test.ts']

if (noCheckout !== undefined) console.warn(`The tests on the cluster are skipped. ${noCheckout}`)

export default defineConfig({
  plugins: noCheckout === undefined ? [vitestCluster()] : [],
  test: {
    // Each step of a scenario waits for a replication, and a machine may be busy with other shards
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // They stop services that others use
    fileParallelism: false,
    include: noCheckout === undefined ? ['**/*.test.ts'] : ALONE,
  },
})
