// @module-tag user
// @module-tag systemd
/** One-off jobs: `ready: 'exited'`. */
import { expect, test } from 'vitest'
import { serviceStatus } from '../../src/observe/status.ts'
import { stateWords } from '../../src/report/states.ts'
import { readRecord } from '../../src/session/record.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

const JOB = { ready: 'exited' } as const

test('a job runs once after its dependencies, and its dependents start after its success', async () => {
  await using session = await up({
    db: script('echo table >/srv/db/old; echo up; exec sleep inf', { ready: { logLine: '^up$' } }),
    tables: script('sleep 0.2; cat /srv/db/old >>/srv/db/tables; echo created', {
      ...JOB,
      dependsOn: ['db'],
    }),
    web: script('cat /srv/db/tables; exec sleep inf', { dependsOn: ['tables'] }),
  })
  const [tables, web] = await Promise.all([session.handle('tables'), session.handle('web')])
  expect(await web.log.waitFor(/^table$/)).toBe('table')
  expect(tables.kind).toBe('script')
  expect(await tables.log.text()).toBe('created\n')
  expect((await tables.exec(['cat', '/srv/db/tables'])).stdout).toBe('table\n')
  expect(await session.unexpectedEnds()).toEqual([])
  expect(await statusOf(session, 'tables')).toMatchObject({
    ...{ state: 'active', subState: 'exited', pid: undefined, since: expect.any(Number) },
  })
  const record = await session.record()
  const report = { record, tests: [], otherErrors: [], project: 'mine', zone: 'UTC' }
  const shown = record.services.find(({ name }) => name === 'tables')
  expect(shown && stateWords(report, shown)).toBe('ended with exit code 0 (a one-off job)')

  await tables.start()
  expect(await tables.log.text()).toBe('created\n')
  await tables.restart()
  expect(await tables.log.text()).toBe('created\ncreated\n')
  await expect(tables.kill()).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('kill: there is no process: it is a one-off job'),
  })
  // A stop includes the services that require it, as for every service
  await tables.stop()
  expect(await statusOf(session, 'web')).toMatchObject({ state: 'inactive' })
  await tables.start()
  expect(await tables.log.text()).toBe('created\n'.repeat(3))
  expect(await statusOf(session, 'web')).toMatchObject({ state: 'active' })
})

test('a job that fails, ends by a signal, or takes too long fails the session, with its last lines', async () => {
  const cases = [
    ['echo no table; exit 3', {}, 'SERVICE_FAILED', 'job: failed: exit status 3'],
    ['echo no table; kill -9 $$', {}, 'SERVICE_FAILED', 'job: failed: killed by signal 9'],
    ['echo no table; kill $$', { stopSignal: 'SIGTERM' }, 'SERVICE_FAILED', 'killed by signal 15'],
    [
      'echo no table; sleep 60',
      { readyTimeout: 1500 },
      'NOT_READY',
      'its program with exit status',
    ],
  ] as const
  const failures = await Promise.all(
    cases.map(async ([text, options, code, says]) => {
      const services = { job: script(text, { ...JOB, ...options }) }
      const web = script('exec sleep inf', { dependsOn: ['job'] })
      return { error: await failure({ ...services, web }), code, says }
    }),
  )
  for (const { error, code, says } of failures) {
    expect(error).toMatchObject({ code, details: { service: 'job', log: ['no table'] } })
    expect(error.message).toContain(says)
  }
})

test('a job that fails when it runs again is down, and can be started', async () => {
  await using session = await up({
    job: script('[ ! -e once ] || { echo cannot; exit 4; }; touch once', JOB),
    web: script('exec sleep inf', { dependsOn: ['job'] }),
  })
  const job = await session.handle('job')
  await expect(job.restart()).rejects.toMatchObject({
    code: 'SERVICE_FAILED',
    message: expect.stringMatching(/^job: failed: exit status 4 [\s\S]*\n.*cannot\n/),
  })
  await expect(job.start()).rejects.toMatchObject({ code: 'SERVICE_FAILED' })
  await job.exec(['rm', 'once'])
  await job.start()
  expect(await statusOf(session, 'job')).toMatchObject({ state: 'active', subState: 'exited' })
  expect(await session.unexpectedEnds()).toEqual([])
})

async function failure(services: Parameters<typeof up>[0]) {
  return up(services).then(
    (session) => session.close().then(() => expect.unreachable('it opened')),
    (error) => error,
  )
}

async function statusOf({ plan }: { plan: { paths: { directory: string } } }, name: string) {
  const record = await readRecord(plan.paths.directory)
  const services = record ? await serviceStatus(record) : []
  return services.find(({ service }) => service === name)
}
