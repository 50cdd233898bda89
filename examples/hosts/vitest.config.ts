import { defineConfig } from 'vitest/config'
import vitestCluster from 'vitest-cluster/plugin'

export default defineConfig({
  plugins: [vitestCluster()],
  // Real services on a busy machine can take longer than Vitest's default of 5 s
  test: { testTimeout: 30_000 },
})
