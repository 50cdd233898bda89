// @module-tag vitest
import { utimes } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { PROGRAM, Shell } from '../support/cli.ts'
import { project, spec } from '../support/project.ts'
import { mortal, mortalService, SHUTDOWN } from '../support/projects/mortal-service.ts'
import { passed, runVitest, VitestRun } from '../support/vitest.ts'

const ENDED = /vitest-cluster: db: is down: .*; it ended unexpectedly/g

test('a run fails if a service fails by itself, and no test used it', async () => {
  const { exitCode, output } = await runVitest(project(mortalService(3)))
  expect(output).toMatch(passed(2))
  expect(output).toContain(
    "vitest-cluster: db: is down: exit status 3; it ended unexpectedly during 'ends.spec.ts > the service ends' [SERVICE_FAILED]",
  )
  expect(output).toContain('    the index is damaged')
  expect(output).toContain('fix: See its last lines. The run fails because of it.')
  expect(output).toMatch(/all logs of session [0-9a-f]{8}: /)
  expect(output.match(ENDED)).toHaveLength(1)
  expect(exitCode).toBe(1)
})

test('a run reports a service that ended with exit status 0, and does not fail', async () => {
  const { exitCode, output } = await runVitest(project(mortalService(0)))
  expect(output.match(ENDED)).toHaveLength(1)
  expect(output).toContain('The run does not fail because of it: its exit status is 0.')
  expect(exitCode).toBe(0)
})

test('a run does not report a service that was restarted, or stopped from the shell', async () => {
  const stop = `execFileSync(process.execPath, [${JSON.stringify(PROGRAM)}, 'stop', 'db'])`
  const { exitCode, output } = await runVitest(
    project({
      'cluster.config.ts': mortal(3),
      'ends.spec.ts': spec(`
        import { execFileSync } from 'node:child_process'
        ${SHUTDOWN}
        test('the service is restarted', { timeout: 60_000 }, async ({ db }) => {
          await shutDown(db)
          await db.restart()
          await db.restart()
        })

        test('the service is stopped', { timeout: 60_000 }, () => {
          ${stop}
        })
      `),
    }),
  )
  expect(output).toMatch(passed(2))
  expect(output).not.toMatch(ENDED)
  expect(exitCode).toBe(0)
})

test("a run does not report a service's end again if a failed test has reported it", async () => {
  const { exitCode, output } = await runVitest(
    project({
      'cluster.config.ts': mortal(3),
      'ends.spec.ts': spec(`
        ${SHUTDOWN}
        test('the service ends', async ({ db }) => {
          await shutDown(db)
          await db.ask('version')
        })
      `),
    }),
  )
  expect(output).toContain('db: is down: exit status 3 [SERVICE_FAILED]')
  expect(output).not.toMatch(ENDED)
  expect(exitCode).toBe(1)
})

test('in watch mode each run reports a service that has ended', async () => {
  const own = project(mortalService(3))
  await using vitest = await VitestRun.start(own, { command: 'watch' })
  await vitest.until(() => vitest.output.match(ENDED)?.length === 1)
  await utimes(own.path('vitest.config.ts'), new Date(), new Date())
  await vitest.until(() => vitest.output.match(ENDED)?.length === 2)
})

test.for([
  { status: 3, command: 'exit 0', exitCode: 1 },
  { status: 3, command: 'exit 7', exitCode: 7 },
  { status: 0, command: 'exit 0', exitCode: 0 },
])(
  'run -- bash -c "$command" ends with $exitCode after a service ended with $status',
  async ({ status, command, exitCode }) => {
    const shell = await Shell.open(project({ 'cluster.config.ts': mortal(status) }))
    // bash itself connects, and tail waits for the end of memcached; its shell ends a moment later
    const shutDown = String.raw`say() { exec 3<>"/dev/tcp/127.0.0.1/$DB_PORT"; printf "$1\r\n" >&3; cat <&3; }
      pid=$(say 'stats\r\nquit' | sed -n 's/^STAT pid \([0-9]*\).*/\1/p')
      say shutdown; tail --pid="$pid" -s 0.05 -f /dev/null; sleep 0.2`
    const ended = await shell.run('run', '--', 'bash', '-c', `${shutDown}; ${command}`)
    expect(ended.stderr).toContain('; it ended unexpectedly [SERVICE_FAILED]\n')
    expect(ended.exitCode).toBe(exitCode)
  },
)
