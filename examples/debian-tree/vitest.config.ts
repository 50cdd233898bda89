import { defineConfig } from 'vitest/config'
import vitestCluster from 'vitest-cluster/plugin'

export default defineConfig({
  plugins: [vitestCluster()],
  // Real services on a busy machine: Vitest's 5 s are for tests that start no programs
  test: { testTimeout: 30_000 },
})
