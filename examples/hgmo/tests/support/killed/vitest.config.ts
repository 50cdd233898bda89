import { defineConfig } from 'vitest/config'
import vitestCluster from 'vitest-cluster/plugin'

export default defineConfig({
  plugins: [vitestCluster({ config: '../../../cluster.config.ts' })],
  test: { include: ['kill.spec.ts'] },
})
