// @module-tag vitest
import { expect, test } from 'vitest'
import { answers, ONE_CACHE, project } from '../support/project.ts'
import { majorVersion, passed, runVitest } from '../support/vitest.ts'

test('Vitest ends after a teardown of another globalSetup throws, and nothing is left', async () => {
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
  // Vitest prints this after its close time-out of ten seconds, before it exits by force
  expect(output).not.toMatch(/close timed out|prevents/)
  // Vitest 4 nevertheless exits with 0
  expect(exitCode).toBe(majorVersion < 5 ? 0 : 1)
})
