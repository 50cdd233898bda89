import { realpathSync, type Stats } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/** The longest path of a Unix socket (unix(7)), and the longest path of a session's socket below the base. */
const SOCKET_PATH = 107
const SOCKET = '/12345678/cluster/control/bus'

/**
 * The directory of all of one user's sessions, without symbolic links in its path: units see paths, not the links of the
 * host.
 */
export function baseDirectory(uid: number, env = process.env): string {
  return join(temporaryDirectory(env), `vitest-cluster-${uid}`)
}

/** Node's `tmpdir()` for an environment, as an absolute path. Links are followed unless they are broken. */
export function temporaryDirectory(env = process.env): string {
  const path = resolve(env['TMPDIR'] || env['TMP'] || env['TEMP'] || '/tmp')
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Why sessions cannot be below a base directory, apart from its owner and mode. Undefined if they can. */
export function unfit(base: string): string | undefined {
  // systemd 254 and later lose the quotes of paths between the manager and the process that mounts them
  if (/['"]/.test(base)) return 'systemd cannot mount a path with a quote'
  if (hasControls(base)) return 'its path has a line end or another control character'
  // Node's replacement for bytes that are not UTF-8
  if (base.includes('\ufffd')) return 'its path is not UTF-8, which D-Bus requires'
  const bytes = Buffer.byteLength(base) + SOCKET.length
  if (bytes > SOCKET_PATH)
    return `the path of a socket below it is too long (${bytes} bytes, ${SOCKET_PATH} at most)`
  return undefined
}

/** Whether a path has a line end, a tab or another control character: scripts read lists of paths, one per line. */
export function hasControls(path: string): boolean {
  return /\p{Cc}/u.test(path)
}

/**
 * The cache that sessions share: `$XDG_CACHE_HOME/vitest-cluster`. A relative path is ignored (the XDG base directory
 * specification).
 */
export function cacheDirectory(env = process.env): string {
  const cache = env['XDG_CACHE_HOME']
  return join(cache && isAbsolute(cache) ? cache : join(home(env), '.cache'), 'vitest-cluster')
}

/** The home directory; `/` for a uid without an account. */
function home(env: NodeJS.ProcessEnv): string {
  if (env['HOME']) return resolve(env['HOME'])
  try {
    return homedir()
  } catch {
    return '/'
  }
}

/** Whether it is a directory of this user that no other user may enter. */
export function isPrivateDirectory(stat: Stats): boolean {
  return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0
}
