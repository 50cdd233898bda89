import { existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { leftoversOf } from './helpers/leftovers.ts'
import { processesOf } from './helpers/processes.ts'
import { memcached, redis } from './helpers/services.ts'
import { up } from './helpers/session.ts'

/** Resolves when what a handle throws is no longer this code; a session notes what died in its status directory. */
async function noticed(status: string, look: () => unknown, code: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const check = () => {
    try {
      look()
    } catch (error) {
      if ((error as { code?: string }).code === code) resolve()
    }
  }
  const watcher = watch(existsSync(status) ? status : dirname(status), check)
  check()
  await promise
  watcher.close()
}

test('a service that dies fails wherever it is used, and the others work on', async () => {
  await using session = await up({ db: redis(), cache: memcached() })
  const [db, cache] = await Promise.all([session.handle('db'), session.handle('cache')])
  const [pid = 0] = await processesOf(session.id, 'redis-server')
  process.kill(pid, 'SIGSEGV')
  await noticed(session.info.status, () => db.port, 'SERVICE_FAILED')
  expect(() => db.port).toThrow(/^db: is down: result '.*', killed by signal 11 \[SERVICE_FAILED\]/)
  expect(() => db.port).toThrow('last log lines:')
  expect(cache.port).toBeGreaterThan(0)
  // a handle made afterwards as well
  const later = await session.handle('db')
  expect(() => later.cli).toThrow('SERVICE_FAILED')
})

test('what looks into a dead service still works, and a restart brings it back', async () => {
  await using session = await up({ db: redis() })
  const db = await session.handle('db')
  const { cli } = db
  await cli('SHUTDOWN', 'NOSAVE').catch(() => {})
  await noticed(session.info.status, () => db.port, 'SERVICE_FAILED')
  expect(() => db.cli).toThrow("is down: result 'success', exit status 0")
  expect(await db.log.text()).toContain('User requested shutdown')
  expect((await db.exec(['pwd'])).stdout).toBe('/srv/db\n')
  await db.restart()
  expect(await db.cli('PING')).toBe('PONG')
})

test('a manager that is killed is told by each use, at once, and close() leaves nothing', async () => {
  const session = await up({ db: redis() })
  const db = await session.handle('db')
  const status = session.info.status
  if (session.info.address.includes(session.id)) {
    const [pid = 0] = await processesOf(session.id, '/systemd\0--user')
    process.kill(pid, 'SIGKILL')
    await noticed(status, () => db.port, 'MANAGER_LOST')
    for (let use = 0; use < 2; use++) expect(() => db.port).toThrow(/MANAGER_LOST|BUS_LOST/)
    await expect(db.restart).toThrow(/MANAGER_LOST|BUS_LOST/)
    await expect(session.handle('db')).rejects.toThrow(/MANAGER_LOST|BUS_LOST/)
  }
  await session.close()
  expect(await leftoversOf(session.id)).toEqual([])
})
