// @module-tag user
// @module-tag systemd
import { expect, test } from 'vitest'
import { defineService, type Ready } from '../../src/index.ts'
import { failureOf } from '../helpers/failure.ts'
import { ask, memcached, redis, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

// A test connects once, as soon as a service is ready, and does not retry.
const RESTARTS = 10

const redisReady: Record<string, Ready> = {
  notify: 'notify',
  listening: 'listening',
  logLine: { logLine: 'Ready to accept connections' },
  exec: { exec: ['/bin/sh', '-c', 'test "$(redis-cli -p "$REDIS_PORT" ping)" = PONG'] },
}

test.for(Object.entries(redisReady))(
  'redis with ready: %s accepts connections when it is ready',
  async ([, ready]) => {
    const service = ready === 'notify' ? redis() : redis({ ready })
    await using session = await up({ redis: service })
    const { port, restart } = await session.handle('redis')
    expect(await ask(port, 'PING\r\n')).toBe('+PONG\r\n')
    for (let i = 0; i < RESTARTS; i++) {
      await restart()
      expect(await ask(port, 'PING\r\n')).toBe('+PONG\r\n')
    }
  },
)

test("memcached with ready: 'listening' accepts connections when it is ready", async () => {
  await using session = await up({ memcached: memcached() })
  const { port, restart, log } = await session.handle('memcached')
  for (let i = 0; i < RESTARTS; i++) {
    expect(await ask(port, 'version\r\n')).toMatch(/^VERSION /)
    await restart()
  }
  // the readiness check did not connect: the service's log would show it
  expect(await log.text()).toBe('')
})

test("a service with ready: 'forking' is ready when its first process ends", async () => {
  await using session = await up({
    redis: defineService({
      kind: 'redis',
      ports: ['redis'],
      command: ({ ports }) => [
        '/bin/sh',
        '-c',
        'redis-server --bind 127.0.0.1 --port "$0" & until redis-cli -p "$0" ping; do :; done',
        `${ports.redis}`,
      ],
      ready: 'forking',
      handle: ({ ports }) => ({ port: ports.redis }),
    }),
  })
  const { port } = await session.handle('redis')
  expect(await ask(port, 'PING\r\n')).toBe('+PONG\r\n')
})

test("a service with ready: 'started' is ready when its program runs", async () => {
  await using session = await up({ quiet: script('exec sleep infinity') })
  const { log } = await session.handle('quiet')
  expect(await log.text()).toBe('')
})

test('a service with ready: { logLine } is ready at the matching line, not before', async () => {
  await using session = await up({
    slow: script(
      'echo not ready yet; mkfifo f; (sleep 0.3; echo go >f) & read x <f; echo "ready: 1"; exec sleep inf',
      {
        ready: { logLine: '^ready: [0-9]+$' },
      },
    ),
  })
  const { log } = await session.handle('slow')
  expect(await log.text()).toContain('ready: 1')
})

// A child program that sends READY=1, like systemd-socket-activate of systemd 262
const HELPER = '(systemd-notify --ready; echo the helper is ready) & wait; exec sleep infinity'

test('READY=1 from a child program does not make its service ready', async () => {
  const one = script(HELPER, { ready: 'notify', readyTimeout: 1000 })
  expect(await failureOf({ one })).toMatchObject({
    code: 'NOT_READY',
    details: { log: ['the helper is ready'] },
  })
})

test("READY=1 from a child program makes its service ready with NotifyAccess: 'all'", async () => {
  const one = script(HELPER, { ready: 'notify', unit: { NotifyAccess: 'all' } })
  await using session = await up({ one })
  const { log } = await session.handle('one')
  expect(await log.waitFor('ready')).toBe('the helper is ready')
})
