// @module-tag user
// @module-tag systemd
// @module-tag private
/** stop(), start() and kill() of handles: a test uses them to see how a system reacts when a service dies. */
import { expect, onTestFinished, test } from 'vitest'
import { SessionClient } from '../../src/client/client.ts'
import { defineCluster } from '../../src/index.ts'
import { serviceStatus } from '../../src/observe/status.ts'
import { openInternal } from '../../src/open/open-session.ts'
import { whyDown } from '../../src/session/health.ts'
import { readRecord } from '../../src/session/record.ts'
import { redis, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

const PATIENCE = { timeout: 10_000 }
const idle = (...dependsOn: string[]) => script('exec sleep infinity', { dependsOn })

test('stop() also stops the dependents, and start() starts them again', async () => {
  await using session = await up({ db: redis(), web: idle('db'), page: idle('web'), other: idle() })
  const [db, web, page, other] = await Promise.all([
    session.handle('db'),
    session.handle('web'),
    session.handle('page'),
    session.handle('other'),
  ])
  const { port } = db
  await db.stop()
  expect(() => db.port).toThrow(
    /^db: was stopped by stop\(\) \[SERVICE_STOPPED\]\n {2}unit: \S+\n {2}fix: start\(\) starts it again\.$/,
  )
  expect(whyDown(session.plan.paths.status, 'page')?.message).toBe(
    'was stopped by stop() of db, which it requires',
  )
  await expect(session.handle('db')).resolves.toBeDefined()
  await db.stop()
  await other.exec(['true'])
  await db.start()
  expect(db.port).toBe(port)
  expect(await db.cli('PING')).toBe('PONG')
  await states(session, { db: 'active', web: 'active', page: 'active', other: 'active' })
  await db.start()
  await web.stop()
  await db.stop()
  await db.start()
  // web was stopped explicitly, and page as its dependent
  await states(session, { db: 'active', web: 'inactive', page: 'inactive' })
  await page.start()
  await states(session, { web: 'active', page: 'active' })
  await page.stop()
  await page.restart()
  await states(session, { page: 'active' })
})

test('stop({ alone: true }) leaves the services up that require the stopped one', async () => {
  await using session = await up({ db: redis(), web: idle('db'), page: idle('web') })
  const [db, web] = await Promise.all([session.handle('db'), session.handle('web')])
  await db.stop({ alone: true })
  await states(session, { db: 'inactive', web: 'active', page: 'active' })
  expect(() => db.port).toThrow(/^db: was stopped by stop\(\) \[SERVICE_STOPPED\]/)
  await web.exec(['true'])
  await db.start()
  await states(session, { db: 'active', web: 'active', page: 'active' })
  // @ts-expect-error a misspelt option
  await expect(db.stop({ alnoe: true })).rejects.toThrow(
    /^db: stop: there is no option "alnoe" \[INVALID_INPUT\]/,
  )
  // The services that require a stopped one are known later, too
  await web.stop()
  await states(session, { db: 'active', web: 'inactive', page: 'inactive' })
})

test("a host's stop({ alone: true }) leaves services of other hosts up that require its services", async () => {
  const cluster = defineCluster({
    services: { page: idle('one-web') },
    hosts: { one: { services: { db: redis(), web: idle('db') } } },
  })
  await using session = await openInternal(cluster)
  const one = await session.host('one')
  await one.stop({ alone: true })
  await states(session, { 'one-db': 'inactive', 'one-web': 'inactive', page: 'active' })
  await one.start()
  await states(session, { 'one-db': 'active', 'one-web': 'active', page: 'active' })
  // @ts-expect-error a misspelt option
  await expect(one.stop({ alnoe: true })).rejects.toThrow(
    'there is no option "alnoe" [INVALID_INPUT]',
  )
  await one.stop()
  await states(session, { 'one-db': 'inactive', 'one-web': 'inactive', page: 'inactive' })
})

test('kill() waits until the service is down, errors name the call, and start() starts the service again', async () => {
  await using session = await up({ db: redis(), web: idle('db') })
  const db = await session.handle('db')
  for (let round = 0; round < 7; round++) {
    await db.kill()
    expect(() => db.port).toThrow(
      /^db: is down: .*killed by signal 9 \(SIGKILL\); kill\('SIGKILL'\) sent the signal \[SERVICE_FAILED\]/,
    )
    await db.start()
    expect(await db.cli('PING')).toBe('PONG')
  }
  expect(whyDown(session.plan.paths.status, 'db')).toBeUndefined()
  await states(session, { web: 'active' })
  // A signal that a service survives is not reported as the reason when it ends later
  await db.kill('SIGCONT')
  expect(await db.cli('PING')).toBe('PONG')
  await db.kill('SIGQUIT', { whom: 'all' })
  await expect
    .poll(() => whyDown(session.plan.paths.status, 'db'), PATIENCE)
    .toMatchObject({ code: 'SERVICE_FAILED', asked: { call: "kill('SIGQUIT')", of: 'db' } })
})

test('the error of a service that exits on a signal of kill() names the call and the time since it', async () => {
  await using session = await up({ db: redis(), other: redis() })
  const [db, other] = await Promise.all([session.handle('db'), session.handle('other')])
  await db.kill('SIGTERM')
  await expect
    .poll(() => whyDown(session.plan.paths.status, 'db')?.message, PATIENCE)
    .toMatch(/^is down: .*exit status 0; kill\('SIGTERM'\) was called \d+\.\d s earlier$/)
  const { services } = await statusOf(session)
  expect(services['db']?.ended).toMatch(/; kill\('SIGTERM'\) was called \d+\.\d s earlier$/)
  // A service that ends without a stop() or kill() has crashed
  await other.cli('SHUTDOWN', 'NOSAVE').catch(() => {})
  const down = () => whyDown(session.plan.paths.status, 'other')
  await expect.poll(down, PATIENCE).toMatchObject({ code: 'SERVICE_FAILED' })
  expect(down()?.asked).toBeUndefined()
})

test('kill() refuses invalid signals and processes', async () => {
  await using session = await up({ db: idle() })
  const db = await session.handle('db')
  for (const signal of ['SIGFOO', 'KILL', '', 9, null])
    await expect(db.kill(signal as 'SIGTERM')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(
        /^db: kill: the signal is .*\n {2}fix: Give a signal by its name/,
      ),
    })
  for (const options of [{ whom: 'none' }, { whom: 7 }, 'all', null, []])
    await expect(db.kill('SIGTERM', options as object)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining("fix: Give { whom: 'main' } or { whom: 'all' }."),
    })
  await expect(db.kill('SIGTERM', { who: 'all' } as object)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('fix: Did you mean whom?'),
  })
  await db.exec(['true'])
  await db.stop()
  await expect(db.kill('SIGTERM')).rejects.toMatchObject({
    code: 'SERVICE_STOPPED',
    message: expect.stringContaining("kill('SIGTERM') found no process: it was stopped by stop()"),
  })
})

test('concurrent stop() and start() from several processes all succeed', async () => {
  await using session = await up({ db: redis(), web: idle('db') })
  const clients = [1, 2, 3].map(() => new SessionClient(session.plan))
  onTestFinished(() => Promise.all(clients.map((client) => client.disconnect())).then(() => {}))
  const handles = await Promise.all(clients.map((client) => client.handle('db', {})))
  await Promise.all(
    handles.map(async (handle) => {
      for (let round = 0; round < 3; round++) {
        await handle.stop()
        await handle.start()
      }
    }),
  )
  await states(session, { db: 'active', web: 'active' })
  expect(whyDown(session.plan.paths.status, 'db')).toBeUndefined()
  expect(await (await session.handle('db')).cli('PING')).toBe('PONG')
})

test('a start() that fails after a stop() reports the reason', async () => {
  const once =
    '[ ! -e ran ] || { echo cannot run twice; exit 3; }; touch ran; echo up; exec sleep inf'
  await using session = await up({ once: script(once, { ready: { logLine: '^up$' } }) })
  const handle = await session.handle('once')
  await handle.stop()
  await expect(handle.start()).rejects.toMatchObject({ code: 'SERVICE_FAILED' })
  expect(whyDown(session.plan.paths.status, 'once')).toMatchObject({
    code: 'SERVICE_FAILED',
    log: expect.arrayContaining(['cannot run twice']),
  })
})

type Opened = Awaited<ReturnType<typeof up>>

async function statusOf({ plan }: Pick<Opened, 'plan'>) {
  const record = await readRecord(plan.paths.directory)
  const services = record ? await serviceStatus(record) : []
  return { services: Object.fromEntries(services.map((each) => [each.service, each])) }
}

async function states(session: Pick<Opened, 'plan'>, expected: Record<string, string>) {
  const { services } = await statusOf(session)
  const found = Object.keys(expected).map((name) => [name, services[name]?.state])
  expect(Object.fromEntries(found)).toEqual(expected)
}
