import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isAbandoned, withLock } from '../disk/sessions.ts'
import { libexec } from '../libexec.ts'

/**
 * Removes what dead sessions left: directories in `base` that carry the marker, belong to this user, whose
 * lease no run holds and whose lock no keeper holds. Everything else is left alone.
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

/** Removes one session's directory and what else it left, if it is dead. False where it was left alone. */
export async function remove(directory: string, name: string): Promise<boolean> {
  if (!(await isAbandoned(directory, name))) return false
  return withLock(directory, 'sh', libexec('remove-session.sh'), directory)
}
