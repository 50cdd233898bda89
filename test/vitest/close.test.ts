// @module-tag vitest
import { expect, test } from 'vitest'
import { answers, ONE_CACHE, project } from '../support/project.ts'
import { majorVersion, passed, runVitest } from '../support/vitest.ts'

test('a teardown of somebody else that throws lets Vitest end, and nothing is left', async () => {
  const { exitCode, output } = await runVitest(
    project({
      'vitest.config.ts': `
        import { fileURLToPath } from 'node:url'
        import { defineConfig } from 'vitest/config'
        import vitestCluster from 'vitest-cluster/plugin'

        // Set up after the cluster, torn down before
        const theirs = {
          name: 'theirs',
          configureVitest({ project }) {
            const setup = fileURLToPath(new URL('./theirs.ts', import.meta.url))
            project.config.globalSetup = [...[project.config.globalSetup].flat(), setup]
          },
        }
        export default defineConfig({ plugins: [vitestCluster(), theirs] })
      `,
      'theirs.ts': `
        export default function setup() {
          return () => {
            throw new Error('their own trouble')
          }
        }
      `,
      'cluster.config.ts': ONE_CACHE,
      'answers.spec.ts': answers(),
    }),
  )
  expect(output).toMatch(passed(1))
  expect(output).toContain('their own trouble')
  // What Vitest says after its close time-out of ten seconds, and then ends by force
  expect(output).not.toMatch(/close timed out|prevents/)
  // Vitest 4 ends well all the same
  expect(exitCode).toBe(majorVersion < 5 ? 0 : 1)
})
