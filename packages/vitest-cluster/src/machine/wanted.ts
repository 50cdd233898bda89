import { isAbsolute, join } from 'node:path'
import { isDelegated, ownCgroup } from '../systemd/cgroup.ts'
import { exists } from './system.ts'

/** The manager that sessions of a user run under. */
export type Wanted = 'user' | 'private'

/** Where the user's own manager has its sockets (the XDG base directory specification; user@.service(5)). */
export function runtimeDirectory(env: NodeJS.ProcessEnv, uid: number): string {
  const path = env['XDG_RUNTIME_DIR']
  // The specification says to ignore a relative path
  return path && isAbsolute(path) ? path : `/run/user/${uid}`
}

/** The socket that a user's manager listens on as long as it runs. */
export function managerSocket(runtime: string): string {
  return join(runtime, 'systemd/private')
}

/**
 * The manager that a session of this user runs under: for root a private one, for others what
 * `VITEST_CLUSTER_MANAGER` names, else their own if it runs, else a private one if they may have one.
 * Undefined where neither is available. Takes about a millisecond.
 */
export async function wantedManager(
  env: NodeJS.ProcessEnv,
  uid: number,
): Promise<Wanted | undefined> {
  const wish = env['VITEST_CLUSTER_MANAGER']
  if (uid === 0 || wish === 'private') return 'private'
  if (wish === 'user' || (await exists(managerSocket(runtimeDirectory(env, uid))))) return 'user'
  const cgroup = await ownCgroup()
  return cgroup && (await isDelegated(cgroup)) ? 'private' : undefined
}
