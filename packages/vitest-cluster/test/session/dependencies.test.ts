// @module-tag systemd
import { expect, test } from 'vitest'
import { defineService, type ServiceContext } from '../../src/index.ts'
import { redis, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

const CLOCK = 'date +%s%N'
const timeOf = (log: string, word: string) =>
  Number(new RegExp(`^${word} (\\d+)$`, 'm').exec(log)?.[1] ?? Number.NaN)

test('a service starts after those that it needs are ready, and others at the same time', async () => {
  // what takes a while between start and readiness, to be seen on the clock
  const slow = `echo "begun $(${CLOCK})"; sleep 0.4; echo "ready $(${CLOCK})"; exec sleep inf`
  const ready = { logLine: '^ready' }
  await using session = await up({
    last: script(slow, { ready, dependsOn: ['middle', 'aside'] }),
    middle: script(slow, { ready, dependsOn: ['first'] }),
    first: script(slow, { ready }),
    aside: script(slow, { ready }),
  })
  const times = async (name: 'last' | 'middle' | 'first' | 'aside') => {
    const log = await (await session.handle(name)).log.text()
    return { begun: timeOf(log, 'begun'), ready: timeOf(log, 'ready') }
  }
  const [last, middle, first, aside] = await Promise.all([
    times('last'),
    times('middle'),
    times('first'),
    times('aside'),
  ])
  expect(middle.begun).toBeGreaterThan(first.ready)
  expect(last.begun).toBeGreaterThan(middle.ready)
  expect(last.begun).toBeGreaterThan(aside.ready)
  // neither waited for the other
  expect(aside.begun).toBeLessThan(first.ready)
  expect(first.begun).toBeLessThan(aside.ready)
})

test('what a service needs takes connections at its first instruction', async () => {
  await using session = await up({
    client: defineService({
      kind: 'client',
      dependsOn: { db: { kind: 'redis', ports: ['redis'] } },
      command: ({ service }) => {
        const { ports } = service('db')
        return ['/bin/sh', '-c', `redis-cli -p ${ports.redis} ping; exec sleep infinity`]
      },
      ready: { logLine: '^PONG$' },
    }),
    db: redis(),
  })
  expect(await (await session.handle('client')).log.text()).toBe('PONG\n')
})

test('a service that depends on one that fails never runs, and the one that failed is told', async () => {
  const opened = up({
    web: script('echo web runs; exec sleep infinity', { dependsOn: ['db'] }),
    db: script('echo no database here; exit 5', { ready: { logLine: 'ready' } }),
  })
  await expect(opened).rejects.toMatchObject({
    code: 'SERVICE_FAILED',
    details: { service: 'db', log: expect.arrayContaining(['no database here']) },
  })
})

test('a definition learns of services that it depends on, and of no other', async () => {
  const asks = (dependsOn: string[]) =>
    defineService({
      kind: 'asks',
      dependsOn,
      command: ({ service }) => [
        '/bin/sh',
        '-c',
        `echo ${JSON.stringify(service('db').values)}; exec sleep inf`,
      ],
      ready: 'started',
    })
  const db = defineService({
    kind: 'db',
    values: () => ({ secret: 'abc' }),
    command: () => ['sleep', 'infinity'],
    programs: ['sleep'],
    ready: 'started',
  })
  await using session = await up({ web: asks(['db']), db })
  expect(await (await session.handle('web')).log.waitFor('secret')).toBe('{secret:abc}')
  await expect(up({ web: asks([]), db })).rejects.toMatchObject({
    code: 'UNKNOWN_DEPENDENCY',
    message: expect.stringContaining("web: asks for 'db' without depending on it"),
  })
})

test('a port that a service does not have is an error of the function that reads it', async () => {
  const misspelt = (field: object) =>
    defineService({ kind: 'web', command: () => ['sleep', 'infinity'], ready: 'started', ...field })
  const command = ({ service }: ServiceContext) => ['web', `${service('db').ports['sql']}`]
  await expect(
    up({ web: misspelt({ command, dependsOn: ['db'] }), db: redis() }),
  ).rejects.toMatchObject({
    code: 'INVALID_DEFINITION',
    message: expect.stringContaining("db: has no port 'sql'"),
  })
  const handle = ({ ports }: ServiceContext) => ({ url: `http://127.0.0.1:${ports['http']}` })
  await using session = await up({ web: misspelt({ handle, programs: ['sleep'] }) })
  await expect(session.handle('web')).rejects.toMatchObject({
    code: 'INVALID_DEFINITION',
    message: expect.stringContaining("web: has no port 'http'"),
  })
})
