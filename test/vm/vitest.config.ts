import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['*.test.ts'],
    // Software emulation is ten to twenty times slower than the processor
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
