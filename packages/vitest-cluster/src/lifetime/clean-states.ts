import { randomBytes } from 'node:crypto'
import { readdir, rename, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { removeAll } from '../disk/remove.ts'
import { sizeOnDisk } from '../disk/size.ts'
import { errnoOf, messageOf } from '../errors.ts'
import { stateCache, UNFINISHED } from '../plan/state.ts'
import type { Left } from '../tree/cache/build-directories.ts'

/** How many characters of a reason are shown: it may contain a path of 4,000. */
const SHOWN = 200

/** A removed template of a service's state. */
export interface RemovedState {
  /** The kind of service: `ldap`. */
  readonly kind: string
  readonly key: string
  readonly bytes: number
}

/**
 * Removes templates of states. Running sessions have copies, and the next session makes a missing template again.
 * Continues if one cannot be removed.
 * @param usedBefore milliseconds since 1970: removes only templates that no session has copied since
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
      // Renamed first, so that no session copies a part of it
      const aside = join(directory, `${UNFINISHED}${randomBytes(4).toString('hex')}`)
      let path = template
      try {
        await rename(template, aside)
        path = aside
        await removeAll(aside)
        removed.push({ kind, key, bytes })
      } catch (error) {
        // Another `clean` has removed it
        if (errnoOf(error) === 'ENOENT') continue
        left.push({ path, why: messageOf(error).slice(0, SHOWN) })
      }
    }
    // Fails if other templates are left
    await rmdir(directory).catch(() => {})
  }
  return { removed, left }
}

async function names(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}
