import { defineConfig } from 'vitest/config'
import { cluster } from 'vitest-cluster/plugin'

export default defineConfig({ plugins: [cluster()] })
