import { readdir, readFile, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { takeLock, tryLock } from '../../src/tree/cache/lock.ts'
import { child } from '../helpers/child.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

/**
 * Resolves when a flock(1) of somebody's waits for a lock, or none does: it has the file open. proc_locks(5) does not say,
 * in a container, for who took the lock has ended.
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

test('who waited for a lock whose file was taken away gets the one of that name', async () => {
  const file = join(await temporaryDirectory(), 'lock')
  const first = await takeLock(file, () => {})
  const second = takeLock(file, () => {})
  await waitedFor(file, true)
  // As `clean` does with locks that nobody holds
  await rm(file)
  first.release()
  const held = await second
  expect(await tryLock(file)).toBeUndefined()
  held.release()
  const third = await tryLock(file)
  expect(third).toBeDefined()
  third?.release()
})

test('after kill -9 of its holder a lock is free', async () => {
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

test('after kill -9 of who waits for a lock nothing waits for it', async () => {
  const file = join(await temporaryDirectory(), 'lock')
  const lock = await takeLock(file, () => {})
  const waiter = await child('takes-lock.ts', file)
  expect(waiter.said).toBe('waits')
  await waitedFor(file, true)
  waiter.process.kill('SIGKILL')
  await waitedFor(file, false)
  lock.release()
})

test('a lock that cannot be taken says why, or is left alone', async () => {
  const file = join(await temporaryDirectory(), 'nowhere', 'lock')
  await expect(takeLock(file, () => {})).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await tryLock(file)).toBeUndefined()
})
