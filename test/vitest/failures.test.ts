import { describe, expect, test } from 'vitest'
import { majorVersion, privately, runVitest } from '../support/vitest.ts'

/** Lines of a terminal that are one screen. */
const SCREEN = 30

const failures = [
  {
    name: 'no-config',
    what: 'there is no cluster.config',
    says: ['no cluster.config.ts in ', '[CONFIG_NOT_FOUND]', 'mend: Write cluster.config.ts there'],
  },
  {
    name: 'no-default-export',
    what: 'cluster.config has no default export',
    says: ['cluster.config.ts has no cluster as its default export [INVALID_DEFINITION]', 'mend: '],
  },
  {
    name: 'wrong-definition',
    what: 'the definition is wrong',
    says: [
      "cache: depends on 'databse', which the cluster does not have [UNKNOWN_DEPENDENCY]",
      'mend: Services of this cluster: cache.',
      '❯ cluster.config.ts:4:44',
    ],
  },
  {
    name: 'failing-service',
    what: 'a service does not start',
    says: [
      "cache: failed to start: result 'exit-code', exit status 1 [SERVICE_FAILED]",
      "memcached: unrecognized option '--no-such-option'",
      'mend: Its last lines say why',
      '❯ cluster.config.ts:5:15',
    ],
  },
]

describe('a run ends with exit code 1 and one screen that says why', () => {
  test.for(failures)('when $what', async ({ name, says }) => {
    const { exitCode, output } = await runVitest(name)
    expect(exitCode).toBe(1)
    for (const words of says) expect(output).toContain(words)
    expectNoInternals(output)
  })

  test('when a fixture is used without a session', async () => {
    const { exitCode, output, sessions } = await runVitest('no-session')
    expect(output).toContain('no cluster was opened for its project [NO_SESSION]')
    expect(output).toContain(
      "plugins: [cluster()]                                  from 'vitest-cluster/plugin'",
    )
    expectNoInternals(output)
    expect({ exitCode, sessions }).toEqual({ exitCode: 1, sessions: 0 })
  })
})

test('a run tells of a service that ignored SIGTERM', async () => {
  const { exitCode, output } = await runVitest('deaf-service')
  expect(output).toContain(
    'cache: did not end within 0.2 s of SIGTERM and was killed [STOP_TIMEOUT]',
  )
  expect(output).toContain('mend: Give it a longer stopTimeout')
  // Vitest 4 takes no notice of a teardown that throws
  expect(exitCode).toBe(majorVersion === 4 ? 0 : 1)
})

test('once the manager is killed every use of a handle throws that, in this test and the next', async () => {
  const { exitCode, output } = await runVitest('killed-manager', privately())
  expect(output).toMatch(/✓ every use of a handle throws once the manager is killed/)
  expect(output).toMatch(/× a later test fails with the same error/)
  expect(output).toMatch(/while the session was up \[(MANAGER|BUS)_LOST\]/)
  expect(exitCode).toBe(1)
})

/** No stack of this library's own, and no more than fits a screen. */
function expectNoInternals(output: string): void {
  expect(output).not.toMatch(
    /❯ .*(packages\/|vitest-cluster\/(src|dist))|^ +at .*|Serialized Error/m,
  )
  expect(output.trim().split('\n').length).toBeLessThanOrEqual(SCREEN)
}
