import { readdir, readFile, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { tryLock } from './lock.ts'
import type { TreeStore } from './store.ts'

/** A run that has written where a key leads is about to use the tree: after a day it no longer is. */
const DAY = 86_400_000

/**
 * Removes what leads to trees that are no more: who used them, what they resolved to, and locks that nobody holds.
 * @param held the lock that this process holds itself
 * @returns whether somebody makes a tree now
 */
export async function tidy(store: TreeStore, held: string): Promise<boolean> {
  await Promise.all([forgetUses(store), forgetResolved(store)])
  return forgetLocks(store, held)
}

async function forgetUses(store: TreeStore): Promise<void> {
  const directory = join(store.directory, 'uses')
  for (const key of await names(directory)) {
    if (store.uses.of(key).length > 0 || store.peek(key)) continue
    // Not if somebody has come meanwhile: then it is not empty
    await rmdir(join(directory, key)).catch(() => {})
  }
}

async function forgetResolved(store: TreeStore): Promise<void> {
  const directory = join(store.directory, 'resolved')
  for (const name of await names(directory)) {
    const file = join(directory, name)
    const { mtimeMs = Date.now() } = (await stat(file).catch(() => undefined)) ?? {}
    if (Date.now() - mtimeMs < DAY) continue
    const key = await readFile(file, 'utf8').catch(() => '')
    // WANTED.UUID: half-way to its name when its run was killed
    if (name.includes('.') || !store.peek(key)) await rm(file, { force: true })
  }
}

async function forgetLocks(store: TreeStore, held: string): Promise<boolean> {
  const directory = join(store.directory, 'locks')
  let busy = false
  for (const name of await names(directory)) {
    if (name === held || name.endsWith('.says')) continue
    const file = store.lockFile(name)
    const lock = await tryLock(file)
    if (!lock) {
      busy = true
      continue
    }
    // Who waits for it now finds that it is gone, and begins anew (lock.ts)
    await Promise.all([file, `${file}.says`].map((each) => rm(each, { force: true })))
    lock.release()
  }
  return busy
}

function names(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => [])
}
