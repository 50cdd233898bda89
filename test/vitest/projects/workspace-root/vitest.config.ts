import { defineConfig } from 'vitest/config'
import { cluster } from 'vitest-cluster/plugin'

export default defineConfig({
  plugins: [cluster()],
  test: {
    projects: [
      { extends: true, root: './a', test: { name: 'a' } },
      { extends: true, root: './b', test: { name: 'b' } },
    ],
  },
})
