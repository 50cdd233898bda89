// @module-tag vitest
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { answers, type Files, ONE_CACHE, project } from '../support/project.ts'
import { failingService } from '../support/projects/failing-service.ts'
import { killedManager } from '../support/projects/killed-manager.ts'
import { wrongDefinition } from '../support/projects/wrong-definition.ts'
import { majorVersion, runVitest, withPrivateManager } from '../support/vitest.ts'

/** The lines of one screen. */
const SCREEN = 30

const failures: readonly { files: Files; what: string; says: readonly string[] }[] = [
  {
    files: {
      'answers.spec.ts': `
        import { test } from '@vitest-cluster/fixtures/hgweb'

        test('is never run', ({ hgweb }) => hgweb.url)
      `,
    },
    what: 'there is no cluster.config',
    says: ['no cluster.config.ts in ', '[CONFIG_NOT_FOUND]', 'fix: Write a cluster.config.ts'],
  },
  {
    files: {
      'cluster.config.ts': ONE_CACHE.replace('export default', 'export const cluster ='),
      'answers.spec.ts': `
        import { withCluster } from 'vitest-cluster/test'
        import { cluster } from './cluster.config.ts'

        const test = withCluster(cluster)

        test('is never run', ({ cache }) => cache.ask('version'))
      `,
    },
    what: 'cluster.config has no default export',
    says: ['cluster.config.ts is not a cluster [INVALID_DEFINITION]', 'fix: '],
  },
  {
    files: wrongDefinition,
    what: 'the definition is wrong',
    says: [
      "cache: depends on 'databse', which the cluster does not have [UNKNOWN_DEPENDENCY]",
      'fix: Services of this cluster: cache.',
      '❯ cluster.config.ts:4:44',
    ],
  },
]

describe('a run exits with 1 and prints the reason on one screen', () => {
  test.for(failures)('when $what', async ({ files, says }) => {
    const { exitCode, output } = await runVitest(project(files))
    expect(exitCode).toBe(1)
    for (const words of says) expect(output).toContain(words)
    expectNoInternals(output)
  })

  test('when a service does not start, and keeps its log', async () => {
    const { exitCode, output } = await runVitest(project(failingService))
    expect(exitCode).toBe(1)
    expect(output).toContain('cache: failed to start: exit status 1 [SERVICE_FAILED]')
    expect(output).toContain("memcached: unrecognized option '--no-such-option'")
    expect(output).toContain('fix: See its last lines')
    expect(output).toContain('❯ cluster.config.ts:5:15')
    expectNoInternals(output)
    const place = /all logs: (.+)/.exec(output)?.[1] ?? ''
    expect(await readFile(join(place, 'cache.log'), 'utf8')).toContain('unrecognized option')
  })

  test('when a fixture is used without a session', async () => {
    const { exitCode, output, sessions } = await runVitest(
      project({
        'vitest.config.ts': 'export default {}\n',
        'cluster.config.ts': ONE_CACHE,
        'answers.spec.ts': answers(),
      }),
    )
    expect(output).toContain('the Vitest project of the test has opened no cluster [NO_SESSION]')
    expect(output).toContain(
      "plugins: [vitestCluster()]      // import vitestCluster from 'vitest-cluster/plugin'",
    )
    expectNoInternals(output)
    expect({ exitCode, sessions }).toEqual({ exitCode: 1, sessions: 0 })
  })
})

test('a run reports a service that ignored SIGTERM', async () => {
  const { exitCode, output } = await runVitest(
    project({
      'cluster.config.ts': `
        import { defineCluster } from 'vitest-cluster'
        import { cache } from './cache.ts'

        const script = 'trap "" TERM; memcached -l 127.0.0.1 -p "$0" -U 0; sleep 60'
        export default defineCluster({
          services: {
            cache: cache({
              command: ({ ports }) => ['sh', '-c', script, String(ports.cache)],
              stopSignal: 'SIGTERM',
              stopTimeout: 200,
            }),
          },
        })
      `,
      'answers.spec.ts': answers(),
    }),
  )
  expect(output).toContain(
    'cache: did not end within 0.2 s of SIGTERM and was killed [STOP_TIMEOUT]',
  )
  expect(output).toContain('fix: Set a longer stopTimeout')
  // Vitest 4 ignores an error of a teardown
  expect(exitCode).toBe(majorVersion === 4 ? 0 : 1)
})

test('after the manager was killed every use of a handle throws MANAGER_LOST, in this test and the next', async () => {
  const { exitCode, output } = await runVitest(project(killedManager), withPrivateManager())
  expect(output).toMatch(/✓ every use of a handle throws once the manager is killed/)
  expect(output).toMatch(/× a later test fails with the same error/)
  expect(output).toMatch(/while the session was up \[(MANAGER|BUS)_LOST\]/)
  expect(exitCode).toBe(1)
})

/** Checks that the output has no stack of this library, and fits a screen. */
function expectNoInternals(output: string): void {
  expect(output).not.toMatch(
    /❯ .*(packages\/|vitest-cluster\/(src|dist))|^ +at .*|Serialized Error/m,
  )
  expect(output.trim().split('\n').length).toBeLessThanOrEqual(SCREEN)
}
