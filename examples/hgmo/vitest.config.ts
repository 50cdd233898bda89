import { defineConfig } from 'vitest/config'
import vitestCluster from 'vitest-cluster/plugin'

export default defineConfig({
  plugins: [vitestCluster()],
  // Each step of a scenario waits for a replication, and machines may be busy
  test: { testTimeout: 60_000 },
})
