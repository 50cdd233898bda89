import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isAbandoned, withLock } from '../disk/sessions.ts'
import { libexec } from '../libexec.ts'

/**
 * Removes dead sessions: directories in `base` that have the marker and belong to this user, whose lease no run holds
 * and whose lock no keeper holds. Does not touch anything else.
 * @returns the ids of the sessions that were removed
 */
export async function sweep(base: string, own?: string): Promise<string[]> {
  const names = await readdir(base).catch(() => [])
  const removed = await Promise.all(
    names
      .filter((name) => name !== own)
      .map(async (name) => ((await remove(join(base, name), name)) ? name : undefined)),
  )
  return removed.filter((name) => name !== undefined)
}

/** Removes the directory and all else of a session if it is dead. Returns whether it did. */
export async function remove(directory: string, name: string): Promise<boolean> {
  if (!(await isAbandoned(directory, name))) return false
  return withLock(directory, 'sh', libexec('remove-session.sh'), directory)
}
