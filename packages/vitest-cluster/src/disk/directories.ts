import type { Stats } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/** The directory of all of one user's sessions. */
export function baseDirectory(uid: number, temporary = tmpdir()): string {
  return join(temporary, `vitest-cluster-${uid}`)
}

/** What Node's `tmpdir()` would be in another environment. */
export function temporaryDirectory(env: NodeJS.ProcessEnv): string {
  return env['TMPDIR'] || env['TMP'] || env['TEMP'] || '/tmp'
}

/** What is kept from one session to the next: `$XDG_CACHE_HOME/vitest-cluster` (the XDG base directory specification). */
export function cacheDirectory(env = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'vitest-cluster')
}

/** Whether it is a directory of this user that nobody else may enter. */
export function isPrivateDirectory(stat: Stats): boolean {
  return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0
}
