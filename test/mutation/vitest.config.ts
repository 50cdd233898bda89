import { defineConfig } from 'vitest/config'

/** The tests of a mutation run (docs/testing.md): those that start no service. */
export default defineConfig({
  test: {
    include: [
      'packages/vitest-cluster/test/**/*.unit.test.ts',
      'packages/vitest-cluster/test/tree/archive*.test.ts',
    ],
    testTimeout: 20_000,
  },
})
