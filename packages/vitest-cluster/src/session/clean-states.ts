import { randomBytes } from 'node:crypto'
import { readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sizeOnDisk } from '../disk/size.ts'
import { stateCache, UNFINISHED } from './state.ts'

/** A template of a service's state that was removed. */
export interface RemovedState {
  /** The kind of service: `ldap`. */
  readonly kind: string
  readonly key: string
  readonly bytes: number
}

/**
 * Removes templates of states. Sessions have copies, and the next one makes what it misses.
 * @param usedBefore milliseconds since 1970: only those that no session has copied since
 */
export async function removeStates(
  usedBefore: number,
  cache = stateCache(),
): Promise<RemovedState[]> {
  const removed: RemovedState[] = []
  for (const kind of await names(cache)) {
    const directory = join(cache, kind)
    for (const key of await names(directory)) {
      const template = join(directory, key)
      const { mtimeMs = Date.now() } = (await stat(template).catch(() => undefined)) ?? {}
      if (mtimeMs >= usedBefore || key.startsWith(UNFINISHED)) continue
      const bytes = await sizeOnDisk(template)
      // Nobody is to copy half of it
      const aside = join(directory, `${UNFINISHED}${randomBytes(4).toString('hex')}`)
      await rename(template, aside)
      await rm(aside, { recursive: true, force: true })
      removed.push({ kind, key, bytes })
    }
    // Not where others are left
    await rmdir(directory).catch(() => {})
  }
  return removed
}

async function names(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}
