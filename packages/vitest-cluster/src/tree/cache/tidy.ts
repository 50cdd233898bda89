import { readdir, readFile, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { tryLock } from './lock.ts'
import type { TreeStore } from './store.ts'

/** A run that has resolved a key uses the tree soon. After a day a resolved key without a tree can be removed. */
const DAY = 86_400_000

/**
 * Removes records of trees that were removed: their uses, resolved keys and lists of earlier entries. Removes locks that
 * nobody holds.
 * @param held the lock that this process itself holds
 * @returns whether another process builds a tree now
 */
export async function tidy(store: TreeStore, held: string): Promise<boolean> {
  const names = (name: string) => readdir(join(store.directory, name)).catch(() => [])
  // rmdir(2) fails if there is a new use meanwhile
  for (const key of await names('uses'))
    if (store.uses.of(key).length === 0 && !store.peek(key))
      await rmdir(join(store.directory, 'uses', key)).catch(() => {})
  for (const wanted of await names('resolved')) {
    const file = join(store.directory, 'resolved', wanted)
    const { mtimeMs = Date.now() } = (await stat(file).catch(() => undefined)) ?? {}
    if (Date.now() - mtimeMs < DAY) continue
    // WANTED.UUID: its run was killed before it renamed the file
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
    // A process that waits for the lock notices that the file was removed, and starts over (lock.ts)
    if (lock) await rm(store.lockFile(name), { force: true })
    lock?.release()
  }
  return busy
}
