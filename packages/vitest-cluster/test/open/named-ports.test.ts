// @module-tag user
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { defineCluster, defineService, openSession } from '../../src/index.ts'
import { planCluster } from '../../src/open/plan-cluster.ts'
import { reserveNumber } from '../../src/ports/reserve.ts'
import { started } from '../helpers/child.ts'
import { freePort } from '../helpers/free-port.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import { isLocked } from '../helpers/port-lock.ts'
import { ask, redis } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

/** A redis whose number is in its definition. */
const redisOn = (port: number | undefined) => ({ ...redis(), ports: { redis: port } })

/** Opens a session, which must fail. */
async function failure(opening: Promise<AsyncDisposable>) {
  const error = await opening.then(
    (session) => session[Symbol.asyncDispose]().then(() => expect.unreachable('it opened')),
    (error: Error) => error,
  )
  return error as Error & { code: string; details: { service: string; fix: string } }
}

test('a port has the number of the definition, the cluster or the session, the later ones first', async () => {
  const [first, second, third] = [await freePort(), await freePort(), await freePort()]
  const db = redisOn(first)
  const cluster = defineCluster({ services: { db, other: redisOn(undefined) } })
  const base = defineCluster({
    extends: cluster,
    services: { more: redis() },
    ports: { db: second },
  })
  for (const [definition, ports, number] of [
    [cluster, {}, first],
    [base, { db: third, other: undefined }, third],
  ] as const) {
    await using session = await openSession(definition, { ports })
    const { port } = await session.handle('db')
    expect(port).toBe(number)
    expect(await isLocked(number)).toBe(true)
    expect(await ask(port, 'PING\r\n')).toBe('+PONG\r\n')
    expect((await session.handle('other')).port).toBeGreaterThanOrEqual(10_000)
  }
  expect(await isLocked(third)).toBe(false)
})

test('a port can be named again as soon as its session is closed, also with connections in TIME_WAIT', async () => {
  const port = await freePort()
  const session = await up({ db: redisOn(port) })
  const client = createConnection({ port, host: '127.0.0.1' })
  // Redis must have accepted the connection: the kernel resets one that still waits in the listener's queue
  client.write('PING\r\n')
  expect(`${await once(client, 'data')}`).toBe('+PONG\r\n')
  const closed = once(client, 'close')
  await session.close()
  await closed
  const waiting = ` 0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} `
  expect(await readFile('/proc/net/tcp', 'utf8')).toContain(waiting)
  await using again = await up({ db: redisOn(port) })
  expect(await ask((await again.handle('db')).port, 'PING\r\n')).toBe('+PONG\r\n')
})

test('a port of another session is refused at once, with the session', async () => {
  const port = await freePort()
  const temporary = await ownTemporary()
  await using session = await up({ db: redisOn(port), other: redis() })
  const error = await failure(up({ web: redisOn(port) }))
  expect(error).toMatchObject({ code: 'PORT_UNAVAILABLE', details: { service: 'web' } })
  expect(error.message).toContain(
    `web: its port redis = ${port} is in use: session ${session.id} has it for its service db (opened by a program `,
  )
  expect(error.message).toContain(`fix: End that session: it ends with process ${process.pid}\n`)
  // A port that the other session has chosen
  const { port: chosen } = await session.handle('other')
  const second = await failure(up({ web: redisOn(chosen) }))
  expect(second.message).toContain(`session ${session.id} has it for its service other`)
  expect(await ask(port, 'PING\r\n')).toBe('+PONG\r\n')
  await session.close()
  // A session that is not up yet has no record
  const lock = await reserveNumber(port)
  const third = await failure(up({ web: redisOn(port) }))
  lock?.release()
  expect(third.message).toMatch(
    new RegExp(`process ${process.pid} \\(.+\\) has it for a session that it opens or closes`),
  )
  await temporary.nothingLeft()
})

test('a port that another process listens on is refused, with the process', async () => {
  const port = await freePort()
  const script = `require('node:net').createServer().listen(${port}, '127.0.0.2', () => console.log('up'))`
  const other = await started(process.execPath, '-e', script)
  const error = await failure(up({ db: redisOn(port) }))
  expect(error.code).toBe('PORT_UNAVAILABLE')
  expect(error.message).toContain(
    `db: its port redis = ${port} is in use: process ${other.process.pid} (node) listens on it`,
  )
  expect(error.message).toContain(`fix: Stop it: kill ${other.process.pid}\n`)
  expect(await isLocked(port)).toBe(false)
  other.process.kill('SIGKILL')
  await other.ended
  await using session = await up({ db: redisOn(port) })
  expect((await session.handle('db')).port).toBe(port)
})

test('a port of the range for outgoing connections is refused while a connection has it', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const client = createConnection({ port, host: '127.0.0.1' })
  onTestFinished(() => void client.destroy())
  await once(client, 'connect')
  const { localPort = 0 } = client
  const error = await failure(up({ db: redisOn(localPort) }))
  expect(error.message).toContain(`= ${localPort} is in use: process ${process.pid} (`)
  expect(error.message).toContain(') has a connection from it; ports from ')
  expect(error.details.fix).toContain(`net.ipv4.ip_local_reserved_ports=${localPort}`)
})

test('a port below 1024 is refused before anything starts', async () => {
  const path = '/proc/sys/net/ipv4/ip_unprivileged_port_start'
  const lowest = Number(await readFile(path, 'utf8'))
  const error = await failure(up({ db: redisOn(lowest - 1) }))
  expect(error.code).toBe('PORT_UNAVAILABLE')
  expect(error.message).toContain(
    `db: its port redis = ${lowest - 1} is below ${lowest}, and services have no privilege to listen there`,
  )
})

test('a named port that another process takes before the service does is not replaced', async () => {
  const port = await freePort()
  const taken: number[] = []
  // A second port, which the session chose, may be replaced
  const service = defineService({
    ...redis(),
    ports: { redis: port, admin: undefined },
    files: async ({ ports }) => {
      taken.push(ports.redis)
      const other = createServer().listen(ports.redis, '127.0.0.1')
      onTestFinished(() => void other.close())
      await once(other, 'listening')
      return {}
    },
  })
  const error = await failure(up({ db: service }))
  expect(taken).toEqual([port])
  expect(error).toMatchObject({
    code: 'PORT_UNAVAILABLE',
    details: { service: 'db', log: expect.arrayContaining([expect.stringMatching(/in use/i)]) },
  })
  expect(error.message).toContain(`is in use: process ${process.pid} (`)
})

test('a service that reports a port in use starts again with its named port and another chosen one', async () => {
  const port = await freePort()
  const seen: { readonly main: number; readonly extra: number }[] = []
  const service = defineService({
    kind: 'pair',
    ports: { main: port, extra: undefined },
    files: async ({ ports }) => {
      seen.push({ ...ports })
      return { round: `${seen.length}` }
    },
    command: () => [
      ...['sh', '-c'],
      '[ "$(cat round)" = 2 ] || { echo Address already in use; exit 1; }; echo up; exec sleep 99',
    ],
    ready: { logLine: '^up$' },
  })
  await using session = await up({ pair: service })
  expect(session.plan.services['pair']?.ports['main']).toBe(port)
  const [first, second] = seen
  expect(seen).toHaveLength(2)
  expect(second?.main).toBe(port)
  expect(second?.extra).not.toBe(first?.extra)
})

test('a plan has the named port, also while a session uses it', async () => {
  const port = await freePort()
  const cluster = defineCluster({ services: { db: redisOn(port) } })
  await using session = await openSession(cluster)
  const plan = await planCluster(cluster, '/')
  expect(plan.services['db']?.ports).toEqual({ redis: port })
  expect((await session.handle('db')).port).toBe(port)
})
