import { type Files, ONE_CACHE, spec } from '../project.ts'

/** A test that never ends. */
export const stuck = {
  'cluster.config.ts': ONE_CACHE,
  'stuck.spec.ts': spec(`
    import { writeFileSync } from 'node:fs'
    import { tmpdir } from 'node:os'
    import { join } from 'node:path'

    test('never ends', { timeout: 60_000 }, async ({ cache }) => {
      writeFileSync(join(tmpdir(), 'stuck'), cache.name)
      await new Promise(() => {})
    })
  `),
} satisfies Files
