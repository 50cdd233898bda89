import { defineConfig } from 'vitest/config'
import vitestCluster from 'vitest-cluster/plugin'
import { hasPrograms } from './definition.ts'

export default defineConfig({
  plugins: [vitestCluster()],
  test: {
    include: [hasPrograms ? 'quickstart.test.ts' : 'plain.test.ts'],
    testTimeout: 60_000,
  },
})
