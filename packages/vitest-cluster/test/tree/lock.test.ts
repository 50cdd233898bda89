import { readdir, readFile, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { takeLock, tryLock } from '../../src/tree/cache/lock.ts'
import { child } from '../helpers/child.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

/**
 * Resolves when a flock(1) process waits for a lock, or when none does: a waiting one has the file open. proc_locks(5)
 * does not show it in a container, since the process that took the lock has ended.
 */
async function waitedFor(file: string, somebody: boolean): Promise<void> {
  const waits = async () => {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const waiting = await Promise.all(
      pids.map(async (pid) => {
        const [name, open] = await Promise.all([
          readFile(`/proc/${pid}/comm`, 'utf8').catch(() => ''),
          readlink(`/proc/${pid}/fd/3`).catch(() => ''),
        ])
        return name.trim() === 'flock' && open === file
      }),
    )
    return waiting.includes(true)
  }
  while ((await waits()) !== somebody) await setImmediate()
}

test("a process that waits for a lock gets the new one if the lock's file is replaced", async () => {
  const file = join(await temporaryDirectory(), 'lock')
  const first = await takeLock(file, () => {})
  const second = takeLock(file, () => {})
  await waitedFor(file, true)
  // Like `clean`, which removes locks that are not held
  await rm(file)
  first.release()
  const held = await second
  expect(await tryLock(file)).toBeUndefined()
  held.release()
  const third = await tryLock(file)
  expect(third).toBeDefined()
  third?.release()
})

test('a lock is free after kill -9 of its holder', async () => {
  const file = join(await temporaryDirectory(), 'lock')
  const holder = await child('takes-lock.ts', file)
  expect(holder.said).toBe('holds')
  expect(await tryLock(file)).toBeUndefined()
  holder.process.kill('SIGKILL')
  await holder.ended
  const lock = await tryLock(file)
  expect(lock).toBeDefined()
  lock?.release()
})

test('kill -9 of a process that waits for a lock leaves no waiting process', async () => {
  const file = join(await temporaryDirectory(), 'lock')
  const lock = await takeLock(file, () => {})
  const waiter = await child('takes-lock.ts', file)
  expect(waiter.said).toBe('waits')
  await waitedFor(file, true)
  waiter.process.kill('SIGKILL')
  await waitedFor(file, false)
  lock.release()
})

test('takeLock() of a path that cannot be locked throws the reason, and tryLock() returns undefined', async () => {
  const file = join(await temporaryDirectory(), 'nowhere', 'lock')
  await expect(takeLock(file, () => {})).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await tryLock(file)).toBeUndefined()
})
