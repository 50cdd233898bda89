import { defineConfig } from 'vitest/config'
import { cluster } from 'vitest-cluster/plugin'

// Less than the service takes to be ready
export default defineConfig({ plugins: [cluster()], test: { testTimeout: 500 } })
