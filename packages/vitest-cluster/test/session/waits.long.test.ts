// @module-tag private
/** Waits for a stopped manager end after the 8 s that a call may take. */
import { expect, test } from 'vitest'
import { SessionClient } from '../../src/client/client.ts'
import { unanswered } from '../../src/observe/unanswered.ts'
import { isUserManager, signal, USERS } from '../helpers/own-manager.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import { processesOf } from '../helpers/processes.ts'
import { NEVER, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'
import { skipWhen } from '../helpers/situation.ts'

test('open() fails if the manager is stopped before it connects to its bus', async ({ skip }) => {
  skipWhen(skip, await isUserManager(), USERS)
  const temporary = await ownTemporary()
  const opening = up({ never: script('exec sleep 1234', NEVER) })
  opening.catch(() => {})
  await expect.poll(() => temporary.ids(), { interval: 2 }).not.toEqual([])
  const [id = ''] = await temporary.ids()
  await expect
    .poll(() => processesOf(id, '/systemd\0--'), { interval: 2, timeout: 10_000 })
    .not.toEqual([])
  await signal(id, 'manager', 'SIGSTOP')
  await expect(opening).rejects.toThrow(/it has used no processor time for 8 s|did not answer/)
  await temporary.nothingLeft()
})

test('only the first call waits for a manager that hangs', async ({ skip }) => {
  skipWhen(skip, await isUserManager(), USERS)
  await using session = await up({ idle: script('exec sleep 99', { ready: 'started' }) })
  // Like a worker of Vitest
  const client = new SessionClient(session.plan)
  const { exec } = await client.handle('idle', {})
  await signal(session.id, 'manager', 'SIGSTOP')
  await expect(exec(['true'])).rejects.toMatchObject({ code: 'BUS_TIMEOUT' })
  const began = Date.now()
  const others = [client, new SessionClient(session.plan)]
  for (const other of others)
    await expect(other.handle('idle', {})).rejects.toMatchObject({ code: 'BUS_TIMEOUT' })
  await expect(unanswered(session.plan, ['idle'])).resolves.toEqual([])
  await expect(session.record()).rejects.toMatchObject({ code: 'BUS_TIMEOUT' })
  expect(Date.now() - began).toBeLessThan(4_000)
})
