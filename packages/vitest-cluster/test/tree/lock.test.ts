import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { takeLock, tryLock } from '../../src/tree/cache/lock.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

test('who waited for a lock whose file was taken away gets the one of that name', async () => {
  const file = join(await temporaryDirectory(), 'lock')
  const first = await takeLock(file, () => {})
  const second = takeLock(file, () => {})
  // proc_locks(5): a line with an arrow for who waits
  const waiting = new RegExp(`-> FLOCK .*:${(await stat(file)).ino} `)
  while (!waiting.test(await readFile('/proc/locks', 'utf8'))) await setImmediate()
  // As `clean` does with locks that nobody holds
  await rm(file)
  await first.release()
  const held = await second
  expect(await tryLock(file)).toBeUndefined()
  await held.release()
  const third = await tryLock(file)
  expect(third).toBeDefined()
  await third?.release()
})
