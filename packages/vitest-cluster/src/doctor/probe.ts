import type { Services } from '../definition/cluster.ts'
import { userName } from '../machine/subordinate.ts'
import type { System } from '../machine/system.ts'
import { exists, thisSystem } from '../machine/system.ts'
import { runtimeDirectory, type Wanted, wantedManager } from '../machine/wanted.ts'
import { ownCgroup } from '../systemd/cgroup.ts'
import { attempt, type Trial } from './trial.ts'

/** The input of checks: facts about the caller, and trials that several checks share, each run once. */
export interface Probe {
  readonly env: NodeJS.ProcessEnv
  readonly uid: number
  readonly gid: number
  /** The account's name, or the uid where it has none. */
  readonly user: string
  readonly system: System
  /** Whether systemd is PID 1 of this machine (sd_booted(3)). */
  readonly booted: boolean
  readonly wanted: Wanted | undefined
  readonly runtime: string
  readonly services: Services | undefined
  /** The cgroup2 directory of this process. */
  readonly cgroup: string | undefined
  /** The version of systemd; undefined without systemctl(1). */
  systemdVersion(): Promise<number | undefined>
  /** Whether the uid of the services can create a user namespace and map itself in it. */
  userNamespace(): Promise<Trial>
  attempt(argv: readonly string[]): Promise<Trial>
}

/** A uid of systemd's dynamic range, which root's sessions use for services (docs/decisions/0001). */
const DYNAMIC = '61184'

export async function probe(
  env: NodeJS.ProcessEnv,
  services: Services | undefined,
): Promise<Probe> {
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  const [system, booted, wanted, cgroup] = await Promise.all([
    thisSystem(),
    exists('/run/systemd/system'),
    wantedManager(env, uid),
    ownCgroup(),
  ])
  const run = (argv: readonly string[]) => attempt(argv, env)
  const asServices =
    uid === 0 ? ['setpriv', '--reuid', DYNAMIC, '--regid', DYNAMIC, '--clear-groups'] : []
  return {
    env,
    uid,
    gid,
    user: userName(uid),
    system,
    booted,
    wanted,
    runtime: runtimeDirectory(env, uid),
    services,
    cgroup,
    systemdVersion: once(async () =>
      systemdVersion((await run(['systemctl', '--version'])).stdout),
    ),
    userNamespace: once(() => run([...asServices, 'unshare', '--user', '--map-root-user', 'true'])),
    attempt: run,
  }
}

/** The number in the first line of `systemctl --version`: `systemd 252 (252.39-1~deb12u2)`. */
export function systemdVersion(text: string): number | undefined {
  const number = /^systemd (\d+)/.exec(text)?.[1]
  return number === undefined ? undefined : Number(number)
}

function once<T>(look: () => Promise<T>): () => Promise<T> {
  let seen: Promise<T> | undefined
  return () => {
    seen ??= look()
    return seen
  }
}
