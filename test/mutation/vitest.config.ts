import { defineConfig } from 'vitest/config'

/** What a mutation run (docs/testing.md) finds faults with: the tests that start no service. */
export default defineConfig({
  test: {
    include: [
      'packages/vitest-cluster/test/**/*.unit.test.ts',
      'packages/vitest-cluster/test/tree/archive*.test.ts',
    ],
    testTimeout: 20_000,
  },
})
