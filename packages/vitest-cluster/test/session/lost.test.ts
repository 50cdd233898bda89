// @module-tag user
// @module-tag private
import { afterEach, expect, test, vi } from 'vitest'
import { nothingLeft } from '../../../../test/support/leftovers.ts'
import { topmost } from '../../../../test/support/projects/modules/signal.ts'
import { selectManager } from '../../src/open/select-manager.ts'
import { checked } from '../helpers/failure.ts'
import { noticed } from '../helpers/noticed.ts'
import { signal } from '../helpers/own-manager.ts'
import { processesOf } from '../helpers/processes.ts'
import { relayedBus } from '../helpers/relay.ts'
import { redis } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

afterEach(() => void vi.unstubAllEnvs())

/** A session of one service, its handle, and the pid of one of its processes. */
async function opened() {
  const session = await up({ db: redis() })
  const db = await session.handle('db')
  const kill = async (word: string) => {
    const [pid = expect.unreachable(`no ${word}`)] = topmost(await processesOf(session.id, word))
    process.kill(pid, 'SIGKILL')
  }
  const use = () => {
    try {
      return db.port
    } catch (error) {
      throw checked(error)
    }
  }
  const { kind } = await selectManager()
  // The user manager cannot be killed without harm to the user
  const users = kind === 'user' && session.plan.isolation === 'chroot'
  return { session, db, kill, use, users, status: session.plan.paths.status }
}

test('each use fails with BUS_LOST after the D-Bus was killed, and close() leaves nothing', async () => {
  const { kind } = await selectManager()
  const endRelay = kind === 'user' ? await relayedBus() : undefined
  const { session, db, use, users, status } = await opened()
  const { restart, exec } = db
  if (users) endRelay?.()
  else await signal(session.id, 'bus', 'SIGKILL')
  await noticed(status, use, 'BUS_LOST')
  for (let time = 0; time < 2; time++)
    expect(use).toThrow(expect.objectContaining({ code: 'BUS_LOST' }))
  await expect(session.handle('db')).rejects.toMatchObject({ code: 'BUS_LOST' })
  // Methods read from the handle before do not hang either
  await expect(restart()).rejects.toMatchObject({ code: 'BUS_LOST' })
  await expect(exec(['true'])).rejects.toMatchObject({ code: 'BUS_LOST' })
  await session.close()
  // The user manager, which can no longer be called, ends the session with the lease
  await nothingLeft({ ids: [session.id] })
})

test('each use fails with MANAGER_LOST after the manager was killed, and close() leaves nothing', async () => {
  const { session, kill, use, users, status } = await opened()
  // Under the user manager the session loses its lease and so its slice
  if (users) await kill('cat\0')
  else await signal(session.id, 'manager', 'SIGKILL')
  // The directory is removed with the lease: the services' ends may be noted before or not
  if (users) await noticed(status, use, 'SERVICE_FAILED', 'SESSION_CLOSED')
  else await noticed(status, use, 'MANAGER_LOST')
  await session.close()
  await nothingLeft({ ids: [session.id] })
})

test('close() leaves nothing after the keeper was killed', async () => {
  const { session, kill } = await opened()
  await kill('keeper.sh')
  await session.close()
  await nothingLeft({ ids: [session.id] })
})
