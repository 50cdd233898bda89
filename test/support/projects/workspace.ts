import type { Files } from '../project.ts'

const config = (name: string) => `
  import { defineConfig } from 'vitest/config'
  import vitestCluster from 'vitest-cluster/plugin'

  export default defineConfig({ plugins: [vitestCluster()], test: { name: '${name}' } })
`

/** Projects a and b below a root without the plugin; each has the plugin. */
export const named = {
  'vitest.config.ts': `
    import { defineConfig } from 'vitest/config'

    export default defineConfig({ test: { projects: ['./a', './b'] } })
  `,
  'a/vitest.config.ts': config('a'),
  'b/vitest.config.ts': config('b'),
} satisfies Files
