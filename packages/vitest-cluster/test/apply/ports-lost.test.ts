import { createServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { defineService, type ServiceDefinition } from '../../src/index.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import { ask, memcached, redis, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

/**
 * A service whose port another process (this one) takes between choice and bind, when `files` is called: the first
 * `times` times.
 */
function losingPort<S extends ServiceDefinition>(
  service: S,
  port: string,
  times: number,
  host = '127.0.0.1',
) {
  const others: Server[] = []
  onTestFinished(() => {
    for (const server of others) server.close()
  })
  const taken: number[] = []
  const files: NonNullable<ServiceDefinition['files']> = async ({ ports }) => {
    if (taken.length < times) {
      const server = createServer((socket) => socket.end('other\r\n'))
      others.push(server)
      taken.push(Number(ports[port]))
      await new Promise<void>((resolve) => server.listen(ports[port], host, resolve))
    }
    return {}
  }
  return { service: { ...service, files }, taken }
}

test("a service with ready: 'notify' whose port is taken starts on another port", async () => {
  const { service, taken } = losingPort(redis(), 'redis', 2)
  await using session = await up({ redis: service })
  const { port } = await session.handle('redis')
  expect(taken).toHaveLength(2)
  expect(taken).not.toContain(port)
  expect(await ask(port, 'PING\r\n')).toBe('+PONG\r\n')
})

test("a process that listens on the port of a service with ready: 'listening' is not taken for the service", async () => {
  const { service, taken } = losingPort(memcached(), 'memcached', 1)
  await using session = await up({ memcached: service })
  const { port } = await session.handle('memcached')
  expect(taken).toHaveLength(1)
  expect(taken).not.toContain(port)
  expect(await ask(port, 'version\r\n')).toMatch(/^VERSION /)
})

test('a process that listens on the port on all IPv6 and IPv4 addresses is not taken for the service', async () => {
  const { service, taken } = losingPort(memcached(), 'memcached', 1, '::')
  await using session = await up({ memcached: service })
  const { port } = await session.handle('memcached')
  expect(taken).toHaveLength(1)
  expect(await ask(port, 'version\r\n')).toMatch(/^VERSION /)
})

test('dependents of a service whose port was taken get its new port', async () => {
  const { service, taken } = losingPort(redis(), 'redis', 1)
  const client = defineService({
    kind: 'client',
    dependsOn: { redis: { ports: ['redis'] } },
    files: ({ service }) => ({ port: `${service('redis').ports.redis}` }),
    command: () => ['/bin/sh', '-c', 'redis-cli -p "$(cat port)" ping; exec sleep infinity'],
    ready: { logLine: 'PONG' },
    handle: ({ exec }) => ({ told: async () => (await exec(['cat', 'port'])).stdout }),
  })
  await using session = await up({ client, redis: service, other: redis() })
  const { port } = await session.handle('redis')
  expect(taken).toHaveLength(1)
  expect(await (await session.handle('client')).told()).toBe(`${port}`)
})

test('a service that was up is started again, and logs its readiness again, when another one loses its port', async () => {
  const { service } = losingPort(redis(), 'redis', 1)
  const by = defineService({
    kind: 'by',
    command: () => ['/bin/sh', '-c', 'echo up; exec sleep infinity'],
    ready: { logLine: '^up$' },
    readyTimeout: 5_000,
  })
  await using session = await up({ by, redis: { ...service, dependsOn: ['by'] } })
  expect(await (await session.handle('by')).log.tail()).toEqual(['up'])
})

test('a service that loses every port fails with PORT_LOST, and nothing is left', async () => {
  const temporary = await ownTemporary()
  const { service, taken } = losingPort(redis(), 'redis', Number.POSITIVE_INFINITY)
  const error = await up({ db: service }).then(
    () => expect.unreachable(),
    (error: Error) => error,
  )
  expect(error).toMatchObject({
    code: 'PORT_LOST',
    details: { service: 'db', log: expect.arrayContaining([expect.stringMatching(/in use/i)]) },
  })
  expect(error.message).toContain('fix: ')
  expect(error.message.split('\n').length).toBeLessThanOrEqual(25)
  expect(new Set(taken).size).toBe(taken.length)
  expect(await temporary.leftovers()).toEqual([])
  expect(await temporary.ids()).toHaveLength(1)
})

test('a service that ignores its stop signal is killed before the start on another port', async () => {
  const { service, taken } = losingPort(redis(), 'redis', 1)
  const deaf = script('trap "" TERM; : >deaf; while :; do sleep 1; done', {
    stopSignal: 'SIGTERM',
    stopTimeout: 200,
    ready: { exec: ['test', '-e', 'deaf'] },
  })
  const late = { ...service, dependsOn: ['deaf'] }
  const session = await up({ deaf, redis: late })
  expect(taken).toHaveLength(1)
  await expect(session.close()).rejects.toMatchObject({ code: 'STOP_TIMEOUT' })
})
