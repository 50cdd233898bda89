// @module-tag user
// @module-tag systemd
import { expect, test } from 'vitest'
import { openSession } from '../../src/index.ts'
import { memcached, redis, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

test('two services of a kind have separate ports, data and logs', async () => {
  await using session = await up({ redis0: redis(), redis1: redis() })
  const [zero, one] = await Promise.all([session.handle('redis0'), session.handle('redis1')])
  expect(zero.port).not.toBe(one.port)
  expect([zero.name, one.name, zero.kind, one.kind]).toEqual(['redis0', 'redis1', 'redis', 'redis'])
  expect(zero.unit).toMatch(/-redis0\.service$/)
  await zero.cli('SET', 'key', 'zero')
  expect(await one.cli('GET', 'key')).toBe('')
  await one.cli('SET', 'key', 'one')
  expect(await zero.cli('GET', 'key')).toBe('zero')
  expect(zero.log.path).not.toBe(one.log.path)
  expect((await zero.exec(['pwd'])).stdout).toBe('/srv/redis0\n')
})

test('a restart affects one service only, and keeps its port and its files', async () => {
  await using session = await up({ db: redis(), cache: memcached({ dependsOn: ['db'] }) })
  const [db, cache] = await Promise.all([session.handle('db'), session.handle('cache')])
  const pid = async () => /process_id:(\d+)/.exec(await db.cli('INFO', 'server'))?.[1]
  const [port, before, since] = [db.port, await pid(), await cache.log.mark()]
  await db.cli('SET', 'lost', 'yes')
  await db.exec(['touch', 'kept'])
  await db.restart()
  expect(await pid()).not.toBe(before)
  expect(db.port).toBe(port)
  expect(await db.cli('GET', 'lost')).toBe('')
  expect((await db.exec(['ls'])).stdout).toBe('kept\n')
  // Requires= would have restarted its dependent
  expect(await cache.log.text({ since })).toBe('')
})

test('a failed restart reports the reason', async () => {
  await using session = await up({
    once: script(
      '[ ! -e ran ] || { echo cannot run twice; exit 3; }; touch ran; echo up; exec sleep inf',
      {
        ready: { logLine: '^up$' },
      },
    ),
  })
  const once = await session.handle('once')
  await expect(once.restart()).rejects.toMatchObject({
    code: 'SERVICE_FAILED',
    details: {
      service: 'once',
      unit: once.unit,
      log: expect.arrayContaining(['cannot run twice']),
    },
  })
})

test("a handle of an unknown service is an error that lists the cluster's services", async () => {
  await using session = await up({ db: redis() })
  await expect(session.handle('dp' as 'db')).rejects.toMatchObject({
    code: 'NO_SUCH_SERVICE',
    message: expect.stringContaining('Services of this cluster: db.'),
  })
})

test('a handle used after its session has ended throws an error that says so', async () => {
  const session = await up({ db: redis() })
  const db = await session.handle('db')
  await session.close()
  // Each use throws, every time
  for (let use = 0; use < 2; use++)
    expect(() => db.port).toThrow(expect.objectContaining({ code: 'SESSION_CLOSED' }))
  await expect(session.handle('db')).rejects.toMatchObject({ code: 'SESSION_CLOSED' })
})

test('a second close() does nothing', async () => {
  const session = await up({ db: redis() })
  await Promise.all([session.close(), session.close()])
  await session.close()
})

test('a session ends with the block of await using, also after close()', async () => {
  const opened = async () => {
    await using session = await openSession({ services: { db: redis() } })
    return session.handle('db')
  }
  const db = await opened()
  expect(() => db.port).toThrow(expect.objectContaining({ code: 'SESSION_CLOSED' }))
  await using closed = await openSession({ services: { db: redis() } })
  await closed.close()
})
