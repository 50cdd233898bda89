// @module-tag vitest
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRecord } from '../../packages/vitest-cluster/src/session/record.ts'
import { Shell } from '../support/cli.ts'
import { sessionsBelow } from '../support/leftovers.ts'
import { project } from '../support/project.ts'
import { logs } from '../support/projects/logs.ts'
import { plugin } from '../support/projects/plugin.ts'
import { stuck } from '../support/projects/stuck.ts'
import { passed, runVitest, VitestRun } from '../support/vitest.ts'

/** A failed run whose session was kept, after its end. */
async function kept(time: string) {
  const own = project(logs)
  const run = await VitestRun.start(own, { env: { VITEST_CLUSTER_KEEP: time } })
  expect(await run.ended()).toBe(1)
  const [id = ''] = run.sessions
  const base = sessionsBelow(run.directory)
  return {
    project: own,
    run,
    id,
    base,
    directory: join(base, id),
    [Symbol.asyncDispose]: () => run[Symbol.asyncDispose](),
  }
}

test('with VITEST_CLUSTER_KEEP a failed run keeps its session, prints how to enter it, and down ends it', async () => {
  await using session = await kept('10m')
  const { run, id } = session
  expect(run.output).toContain(`session ${id} stays up for 10 min, then it is removed`)
  expect(run.output).toContain(`npx vitest-cluster shell polly --session ${id}`)
  const { until = 0 } = (await readRecord(session.directory)) ?? {}
  expect(until - Date.now()).toBeGreaterThan(9 * 60_000)
  const shell = await Shell.open(session.project)
  const inside = await shell.run('exec', 'polly', '--session', id, '--', 'pwd')
  // Found although its TMPDIR is not the shell's
  expect(inside).toMatchObject({ exitCode: 0, stdout: '/srv/polly\n' })
  const said = await shell.run('logs', '--session', id, 'polly')
  expect(said.stdout).toContain('polly spoke in the test that failed')
  expect(await shell.run('down', '--session', id)).toMatchObject({ exitCode: 0 })
  await run.nothingLeft()
})

test('a kept session is removed when its time is over', async () => {
  await using session = await kept('1s')
  expect(session.run.output).toContain(`session ${session.id} stays up for 1 s`)
  await expect.poll(() => readdir(session.base), { timeout: 15_000 }).toEqual([])
  await session.run.nothingLeft()
})

test('a kept session stays for 30 minutes by default, and ends with a SIGKILL of its owner', async () => {
  await using session = await kept('1')
  expect(session.run.output).toContain('stays up for 30 min')
  const record = await readRecord(session.directory)
  expect(record).toMatchObject({ purpose: 'kept', detached: true })
  expect(((record?.until ?? 0) - Date.now()) / 60_000).toBeGreaterThan(25)
  process.kill(record?.owner.pid ?? 0, 'SIGKILL')
  await expect.poll(() => readdir(session.base), { timeout: 10_000 }).toEqual([])
  await session.run.nothingLeft()
})

test('the session of a run that passed or was interrupted is not kept', async () => {
  const { output } = await runVitest(project(plugin), { env: { VITEST_CLUSTER_KEEP: '1' } })
  expect(output).toMatch(passed(3))
  expect(output).not.toContain('stays up')
  await using run = await VitestRun.start(project(stuck), { env: { VITEST_CLUSTER_KEEP: '1' } })
  await run.until(() => run.sessions.size > 0)
  await run.kill('SIGINT')
  await run.ended()
  await run.nothingLeft()
})

test('an invalid VITEST_CLUSTER_KEEP is an error before anything starts', async () => {
  const { output, exitCode, sessions } = await runVitest(project(plugin), {
    env: { VITEST_CLUSTER_KEEP: 'ever' },
  })
  expect(output).toContain('VITEST_CLUSTER_KEEP is "ever", which is not a duration [INVALID_INPUT]')
  expect({ exitCode, sessions }).toEqual({ exitCode: 1, sessions: 0 })
})
