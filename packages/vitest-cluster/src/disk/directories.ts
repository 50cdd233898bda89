import { realpathSync, type Stats } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/** The longest path that fits a Unix socket's address (unix(7)), and a session's longest below the base. */
const SOCKET_PATH = 107
const SOCKET = '/12345678/cluster/control/bus'

/**
 * The directory of all of one user's sessions, with no symbolic link on its way: units see a path where it leads, not
 * by the links of the host.
 */
export function baseDirectory(uid: number, env = process.env): string {
  return join(temporaryDirectory(env), `vitest-cluster-${uid}`)
}

/** What Node's `tmpdir()` would be in an environment, absolute. Links are followed where they lead to something. */
export function temporaryDirectory(env = process.env): string {
  const path = resolve(env['TMPDIR'] || env['TMP'] || env['TEMP'] || '/tmp')
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Why no session can be below a base directory, whatever its owner and mode are. Undefined where it can. */
export function unfit(base: string): string | undefined {
  // systemd 254 and later lose the quotes of paths between the manager and the process that mounts them
  if (/['"]/.test(base)) return 'systemd cannot mount a path with a quote'
  if (hasControls(base)) return 'its path has a line end or another control character'
  // Node's word for bytes that are not UTF-8
  if (base.includes('\ufffd')) return 'its path is not UTF-8, which D-Bus requires'
  const bytes = Buffer.byteLength(base) + SOCKET.length
  if (bytes > SOCKET_PATH)
    return `the path of a socket below it is too long (${bytes} bytes, ${SOCKET_PATH} at most)`
  return undefined
}

/** Whether a path has a line end, a tab or their like: scripts are given lists of paths, one a line. */
export function hasControls(path: string): boolean {
  return /\p{Cc}/u.test(path)
}

/**
 * What is kept from one session to the next: `$XDG_CACHE_HOME/vitest-cluster`. A path that is not absolute counts as none
 * (the XDG base directory specification).
 */
export function cacheDirectory(env = process.env): string {
  const cache = env['XDG_CACHE_HOME']
  return join(cache && isAbsolute(cache) ? cache : join(home(env), '.cache'), 'vitest-cluster')
}

/** `/` for a uid that no account has, as passwd(5) says it of accounts without one. */
function home(env: NodeJS.ProcessEnv): string {
  if (env['HOME']) return resolve(env['HOME'])
  try {
    return homedir()
  } catch {
    return '/'
  }
}

/** Whether it is a directory of this user that nobody else may enter. */
export function isPrivateDirectory(stat: Stats): boolean {
  return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0
}
