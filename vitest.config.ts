import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    // These want a machine of their own: npm run test:vm
    exclude: [...configDefaults.exclude, 'test/vm/**'],
    // Sessions start real services: two files at once is what two cores can do
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
