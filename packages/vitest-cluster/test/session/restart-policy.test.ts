// @module-tag user
// @module-tag systemd
/** Restart policies of systemd: `unit: { Restart: 'on-failure' }`. */
import { expect, test } from 'vitest'
import type { ServiceInput } from '../../src/index.ts'
import { serviceStatus } from '../../src/observe/status.ts'
import { whyDown } from '../../src/session/health.ts'
import { readRecord } from '../../src/session/record.ts'
import { noticed } from '../helpers/noticed.ts'
import { redis, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

const PATIENCE = { timeout: 10_000 }
const ready = { logLine: '^up$' }
const policy = (Restart: 'on-failure' | 'always', RestartSec = 0.1) => ({
  unit: { Restart, RestartSec },
})
const UP = 'echo up; exec sleep inf'
/** Fails the first times that it is started. */
const failing = (times: number, then = UP) =>
  `echo x >>tries; [ $(wc -l <tries) -gt ${times} ] || { echo not yet; exit 3; }; ${then}`

test('a start that fails is tried again, and the dependents start when the service is ready', async () => {
  await using session = await up({
    broker: script(failing(2), { ready, ...policy('on-failure') }),
    topics: script('cat /srv/broker/tries; echo made', { ready: 'exited', dependsOn: ['broker'] }),
    client: script('exec sleep inf', { dependsOn: ['topics'] }),
  })
  const topics = await session.handle('topics')
  expect(await topics.log.text()).toBe('x\nx\nx\nmade\n')
  expect(await statusOf(session)).toMatchObject({
    broker: { state: 'active', restarts: 2 },
    topics: { subState: 'exited', restarts: 0 },
    client: { state: 'active' },
  })
})

test('a start that always fails ends with systemd giving up, or after readyTimeout in total', async () => {
  const limited = { ready, ...policy('on-failure', 0.01) }
  const slow: Partial<ServiceInput> = { ready, readyTimeout: 2000, ...policy('on-failure', 0.2) }
  const web = script('exec sleep inf', { dependsOn: ['db'] })
  const [gaveUp, late, job] = await Promise.all([
    failure({ db: script('echo no; exit 3', limited), web }),
    failure({ db: script('echo no; sleep 0.5; exit 3', slow), web }),
    failure({ db: script('echo no; exit 3', { ...limited, ready: 'exited' }), web }),
  ])
  expect(gaveUp).toMatchObject({ code: 'SERVICE_FAILED', details: { service: 'db' } })
  expect(gaveUp.message).toMatch(/^db: failed to start: exit status 3; .*does not restart it again/)
  expect(job.details.log).toEqual(Array(5).fill('no'))
  expect(job.message).toMatch(/^db: failed: exit status 3; .*does not restart it again/)
  expect(late).toMatchObject({ code: 'NOT_READY', details: { service: 'db' } })
  expect(late.message).toMatch(
    /^db: was not ready within 2 s, with all restarts by systemd \(NRestarts=\d\).*; awaited: a line/,
  )
})

test('a service that systemd restarts is usable again, and its dependents stay up', async () => {
  await using session = await up({
    db: { ...redis(), ...policy('on-failure', 0.5) },
    web: script('exec sleep inf', { dependsOn: ['db'] }),
  })
  const { status } = session.plan.paths
  const db = await session.handle('db')
  const before = await statusOf(session)
  process.kill(before['db']?.pid ?? 0, 'SIGSEGV')
  await noticed(status, () => db.port, 'SERVICE_FAILED')
  expect(whyDown(status, 'db')?.message).toMatch(
    /^is down: .*SIGSEGV.*; systemd restarts it in 0.5 s \(Restart=on-failure\)$/,
  )
  expect(await statusOf(session)).toMatchObject({
    db: { state: 'activating', subState: 'auto-restart', ended: expect.stringContaining('SEGV') },
  })
  expect(await session.unexpectedEnds()).toMatchObject([{ service: 'db', failed: false }])
  await db.start()
  expect(await db.cli('PING')).toBe('PONG')
  const after = await statusOf(session)
  expect(after).toMatchObject({ db: { state: 'active', restarts: 1 } })
  expect(after['web']?.pid).toBe(before['web']?.pid)
  // Reported once
  expect(await session.unexpectedEnds()).toEqual([])
})

test('restarts are reported with their last lines and do not fail the run; those after kill() are not', async () => {
  const text = 'echo up; while [ ! -e end ]; do sleep 0.02; done; rm end; echo tired; exit 7'
  await using session = await up({
    // Longer than a busy machine needs to read how it ended: systemd forgets that with the restart
    crashes: script(text, { ready, ...policy('always', 1) }),
    killed: script(UP, { ready, ...policy('on-failure') }),
  })
  const [crashes, killed] = await Promise.all([session.handle('crashes'), session.handle('killed')])
  const mark = await killed.log.mark()
  await killed.kill()
  await killed.log.waitFor(/^up$/, { since: mark })
  await crashes.exec(['touch', 'end'])
  await expect.poll(() => crashes.log.text(), PATIENCE).toBe('up\ntired\nup\n')
  await expect
    .poll(() => statusOf(session), PATIENCE)
    .toMatchObject({
      crashes: { state: 'active', restarts: 1 },
      killed: { state: 'active', restarts: 1 },
    })
  expect(await session.unexpectedEnds()).toMatchObject([
    {
      service: 'crashes',
      failed: false,
      details: {
        message: 'systemd restarted it once (Restart=always); how it ended: exit status 7',
        log: ['up', 'tired'],
      },
    },
  ])
  await expect.poll(() => whyDown(session.plan.paths.status, 'killed'), PATIENCE).toBeUndefined()
})

test('stop() stays stopped, also between two attempts, and restart() does not wait', async () => {
  const text = `[ ! -e broken ] || { echo broken; exit 3; }; ${UP}`
  await using session = await up({
    slow: script(text, { ready, ...policy('always', 600) }),
    web: script('exec sleep inf', { dependsOn: ['slow'] }),
  })
  const { status } = session.plan.paths
  const slow = await session.handle('slow')
  // More often than the start limit allows systemd
  for (let round = 0; round < 3; round++) {
    await slow.stop()
    await slow.start()
    await slow.restart()
  }
  await slow.kill()
  await noticed(status, () => session.plan && assert(status, 'slow'), 'SERVICE_FAILED')
  await expect(slow.kill('SIGTERM')).rejects.toMatchObject({
    message: expect.stringMatching(
      /kill\('SIGTERM'\) found no process: it is down: .*systemd restarts it/,
    ),
  })
  await slow.restart()
  await slow.kill()
  await slow.stop()
  expect(await statusOf(session)).toMatchObject({
    slow: { state: expect.stringMatching(/inactive|failed/) },
    web: { state: 'inactive' },
  })
  expect(whyDown(status, 'slow')).toMatchObject({ code: 'SERVICE_STOPPED' })
  await slow.start()
  expect(await statusOf(session)).toMatchObject({
    slow: { state: 'active' },
    web: { state: 'active' },
  })
})

test('a service that gives up fails the run, and start() tries again', async () => {
  const text = `echo x >>starts; [ ! -e broken ] || { echo broken; exit 3; }; ${UP}`
  await using session = await up({ db: script(text, { ready, ...policy('on-failure', 0) }) })
  const db = await session.handle('db')
  await db.exec(['touch', 'broken'])
  await db.kill()
  const { status } = session.plan.paths
  await noticed(status, () => limitHit(status), 'SERVICE_FAILED')
  expect(await session.unexpectedEnds()).toMatchObject([
    { service: 'db', failed: true, details: { log: expect.arrayContaining(['broken']) } },
  ])
  await expect(db.start()).rejects.toMatchObject({
    message: expect.stringMatching(/exit status 3; .*does not restart it again/),
  })
  await db.exec(['rm', 'broken'])
  await db.start()
  expect(await session.unexpectedEnds()).toEqual([])
})

function assert(status: string, service: string) {
  const down = whyDown(status, service)
  if (down) throw Object.assign(new Error(down.message), { code: down.code })
}

function limitHit(status: string) {
  if (whyDown(status, 'db')?.message.includes('systemd does not restart it again'))
    assert(status, 'db')
}

async function failure(services: Parameters<typeof up>[0]) {
  return up(services).then(
    (session) => session.close().then(() => expect.unreachable('it opened')),
    (error) => error,
  )
}

async function statusOf({ plan }: { plan: { paths: { directory: string } } }) {
  const record = await readRecord(plan.paths.directory)
  const services = record ? await serviceStatus(record) : []
  return Object.fromEntries(services.map((each) => [each.service, each]))
}
