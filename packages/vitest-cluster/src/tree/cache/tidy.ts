import { readdir, readFile, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { tryLock } from './lock.ts'
import type { TreeStore } from './store.ts'

/** A run that has written where a key leads is about to use the tree: after a day it no longer is. */
const DAY = 86_400_000

/**
 * Removes what leads to trees that are no more: who used them, what they resolved to, whose earlier ones they were, and locks that nobody holds.
 * @param held the lock that this process holds itself
 * @returns whether somebody makes a tree now
 */
export async function tidy(store: TreeStore, held: string): Promise<boolean> {
  const names = (name: string) => readdir(join(store.directory, name)).catch(() => [])
  // Not if somebody has come meanwhile: then it is not empty
  for (const key of await names('uses'))
    if (store.uses.of(key).length === 0 && !store.peek(key))
      await rmdir(join(store.directory, 'uses', key)).catch(() => {})
  for (const wanted of await names('resolved')) {
    const file = join(store.directory, 'resolved', wanted)
    const { mtimeMs = Date.now() } = (await stat(file).catch(() => undefined)) ?? {}
    if (Date.now() - mtimeMs < DAY) continue
    // WANTED.UUID: half-way to its name when its run was killed
    if (wanted.includes('.') || !store.peek(store.resolved(wanted))) await rm(file, { force: true })
  }
  for (const owner of await names('earlier')) {
    const file = join(store.directory, 'earlier', owner)
    const keys = (await readFile(file, 'utf8').catch(() => '')).split('\n')
    if (!keys.some((key) => store.peek(key))) await rm(file, { force: true })
  }
  let busy = false
  for (const name of await names('locks')) {
    if (name === held) continue
    const lock = await tryLock(store.lockFile(name))
    busy ||= !lock
    // Who waits for it now finds that it is gone, and begins anew (lock.ts)
    if (lock) await rm(store.lockFile(name), { force: true })
    lock?.release()
  }
  return busy
}
