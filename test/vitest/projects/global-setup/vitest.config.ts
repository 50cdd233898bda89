import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { globalSetup: ['vitest-cluster/global-setup'] } })
