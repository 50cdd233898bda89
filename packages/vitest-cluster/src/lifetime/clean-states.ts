import { randomBytes } from 'node:crypto'
import { readdir, rename, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { removeAll } from '../disk/remove.ts'
import { sizeOnDisk } from '../disk/size.ts'
import { errnoOf, messageOf } from '../errors.ts'
import { stateCache, UNFINISHED } from '../plan/state.ts'
import type { Left } from '../tree/cache/workplaces.ts'

/** Of a reason, which may name a path of 4,000 characters. */
const SHOWN = 200

/** A template of a service's state that was removed. */
export interface RemovedState {
  /** The kind of service: `ldap`. */
  readonly kind: string
  readonly key: string
  readonly bytes: number
}

/**
 * Removes templates of states. Sessions have copies, and the next one makes what it misses. Goes on where one cannot be
 * removed.
 * @param usedBefore milliseconds since 1970: only those that no session has copied since
 */
export async function removeStates(
  usedBefore: number,
  cache = stateCache(),
): Promise<{ removed: readonly RemovedState[]; left: readonly Left[] }> {
  const removed: RemovedState[] = []
  const left: Left[] = []
  for (const kind of await names(cache)) {
    const directory = join(cache, kind)
    for (const key of await names(directory)) {
      const template = join(directory, key)
      const { mtimeMs = Date.now() } = (await stat(template).catch(() => undefined)) ?? {}
      if (mtimeMs >= usedBefore || key.startsWith(UNFINISHED)) continue
      const bytes = await sizeOnDisk(template)
      // Nobody is to copy half of it
      const aside = join(directory, `${UNFINISHED}${randomBytes(4).toString('hex')}`)
      let path = template
      try {
        await rename(template, aside)
        path = aside
        await removeAll(aside)
        removed.push({ kind, key, bytes })
      } catch (error) {
        // Another `clean` was first
        if (errnoOf(error) === 'ENOENT') continue
        left.push({ path, why: messageOf(error).slice(0, SHOWN) })
      }
    }
    // Not where others are left
    await rmdir(directory).catch(() => {})
  }
  return { removed, left }
}

async function names(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}
