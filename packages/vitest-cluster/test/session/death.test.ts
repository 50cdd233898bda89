// @module-tag user
// @module-tag systemd
import { expect, test } from 'vitest'
import { noticed } from '../helpers/noticed.ts'
import { processesOf } from '../helpers/processes.ts'
import { memcached, redis } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

test('every use of a dead service fails, and other services still work', async () => {
  await using session = await up({ db: redis(), cache: memcached() })
  const [db, cache] = await Promise.all([session.handle('db'), session.handle('cache')])
  const [pid = 0] = await processesOf(session.id, 'redis-server')
  process.kill(pid, 'SIGSEGV')
  await noticed(session.plan.paths.status, () => db.port, 'SERVICE_FAILED')
  expect(() => db.port).toThrow(/^db: is down: killed by signal 11 \(SIGSEGV\) \[SERVICE_FAILED\]/)
  expect(() => db.port).toThrow('last log lines:')
  expect(cache.port).toBeGreaterThan(0)
  // Also a handle made afterwards
  const later = await session.handle('db')
  expect(() => later.cli).toThrow('SERVICE_FAILED')
})

test('log and exec of a dead service still work, and restart() starts it again', async () => {
  await using session = await up({ db: redis() })
  const db = await session.handle('db')
  const { cli } = db
  await cli('SHUTDOWN', 'NOSAVE').catch(() => {})
  await noticed(session.plan.paths.status, () => db.port, 'SERVICE_FAILED')
  expect(() => db.cli).toThrow('is down: exit status 0')
  expect(await db.log.text()).toContain('User requested shutdown')
  expect((await db.exec(['pwd'])).stdout).toBe('/srv/db\n')
  await db.restart()
  expect(await db.cli('PING')).toBe('PONG')
})
