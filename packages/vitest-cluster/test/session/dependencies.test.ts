// @module-tag systemd
import { expect, test } from 'vitest'
import { defineService, type ServiceContext } from '../../src/index.ts'
import { redis, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

const CLOCK = 'date +%s%N'
const timeOf = (log: string, word: string) =>
  Number(new RegExp(`^${word} (\\d+)$`, 'm').exec(log)?.[1] ?? Number.NaN)

test('a service starts after its dependencies are ready, independent ones at the same time', async () => {
  // services that take a while to become ready, so that the order shows in the times
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
  // they did not wait for each other
  expect(aside.begun).toBeLessThan(first.ready)
  expect(first.begun).toBeLessThan(aside.ready)
})

test('dependencies accept connections when a service starts', async () => {
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

test('a dependent of a failed service does not run, and the error is about the failed one', async () => {
  const opened = up({
    web: script('echo web runs; exec sleep infinity', { dependsOn: ['db'] }),
    db: script('echo no database here; exit 5', { ready: { logLine: 'ready' } }),
  })
  await expect(opened).rejects.toMatchObject({
    code: 'SERVICE_FAILED',
    details: { service: 'db', log: expect.arrayContaining(['no database here']) },
  })
})

test('a service sees the values of its dependencies, and of no other service', async () => {
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

test('a function that reads an unknown port fails', async () => {
  const misspelt = (field: object) =>
    defineService({ kind: 'web', command: () => ['sleep', 'infinity'], ready: 'started', ...field })
  const command = ({ service }: ServiceContext) => ['web', `${service('db').ports['sql']}`]
  await expect(
    up({ web: misspelt({ command, dependsOn: ['db'] }), db: redis() }),
  ).rejects.toMatchObject({
    code: 'INVALID_DEFINITION',
    message: expect.stringContaining(
      "web: reads the port 'sql' of db, which has no port of this name",
    ),
  })
  const handle = ({ ports }: ServiceContext) => ({ url: `http://127.0.0.1:${ports['http']}` })
  await using session = await up({ web: misspelt({ handle, programs: ['sleep'] }) })
  await expect(session.handle('web')).rejects.toMatchObject({
    code: 'INVALID_DEFINITION',
    message: expect.stringContaining("web: has no port 'http'"),
  })
})
