// @module-tag vitest
import { expect, test } from 'vitest'
import { answers, ONE_CACHE, project } from '../support/project.ts'
import { runVitest } from '../support/vitest.ts'

test('a wrong option of the plugin ends the run before anything starts, without a stack', async () => {
  const { exitCode, output, sessions } = await runVitest(
    project({
      'vitest.config.ts': `
        import { defineConfig } from 'vitest/config'
        import vitestCluster from 'vitest-cluster/plugin'

        export default defineConfig({ plugins: [vitestCluster({ configFile: './cluster.ts' } as never)] })
      `,
      'cluster.config.ts': ONE_CACHE,
      'cache.spec.ts': answers(),
    }),
  )
  expect(output).toMatch(/failed to load config from .*\/vitest\.config\.ts/)
  expect(output).toContain('vitestCluster: there is no option "configFile" [INVALID_INPUT]')
  expect(output).toContain('fix: Did you mean config? The options are config,')
  expect(output).not.toMatch(/^ +at /m)
  expect({ exitCode, sessions }).toEqual({ exitCode: 1, sessions: 0 })
})
