import { join } from 'node:path'
import { confine, seenByManager } from '../isolation/confine.ts'
import { ISOLATIONS } from '../isolation/isolation.ts'
import { TREE_LIBEXEC } from '../libexec.ts'
import { own } from '../own.ts'
import { SESSION } from '../root/accounts.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { ownRootsUnit, sliceName } from './names.ts'
import { OWNERSHIP_LOG } from './ownership.ts'
import { rootName, type ServiceRoot, type SessionGround, type UnitPlan } from './session-plan.ts'
import { syslogDirectory } from './syslog.ts'

// A unit of a manager in the tree cannot have a root of its own: from systemd 254 on, a user manager gives a unit with
// mounts a user namespace with one uid. So the library makes a mount namespace for each root, which units then enter.

/** For the copies of all hosts' directories. */
const COPY_TIMEOUT = 120_000

/** The unit that makes the roots which are not the manager's own; undefined if there is none. Pure. */
export function planOwnRoots(ground: SessionGround): UnitPlan | undefined {
  const roots = Object.entries(ground.roots.own)
  if (!ISOLATIONS[ground.isolation].inside || roots.length === 0) return undefined
  const words = roots.flatMap(([name, root]) => {
    const { host } = root
    const directories = Object.entries(host?.directories ?? {}).flatMap(([path, { from }]) => [
      from === undefined ? 'empty' : 'copy',
      path,
    ])
    const kind = hasOwnTree(root, ground) ? 'own' : 'main'
    return [name, kind, host?.name ?? '-', `${directories.length / 2}`, ...directories]
  })
  const settings: UnitSettings = {
    Description: `Root file systems of vitest-cluster session ${ground.id}`,
    Slice: sliceName(ground.id),
    CollectMode: 'inactive-or-failed',
    ...confine({ ...ground, root: ground.roots.main }, 'root'),
    ExecStart: ['/bin/sh', `${TREE_LIBEXEC}/make-roots.sh`, SESSION, ...words],
    Type: 'forking',
    TimeoutStartSec: COPY_TIMEOUT,
    KillSignal: 'SIGKILL',
    StandardError: `append:${join(seenByManager(ground).logs, OWNERSHIP_LOG)}`,
  }
  return { name: ownRootsUnit(ground.id), settings }
}

/** Whether a root has another tree than the main one, or may write everywhere. */
export function hasOwnTree({ directory }: ServiceRoot, { roots }: SessionGround): boolean {
  return directory !== roots.main.directory
}

const IN_ROOT = ['/bin/sh', `${TREE_LIBEXEC}/in-root.sh`] as const

/** Who runs a program, and where. */
export interface Entering {
  readonly service: string
  readonly user: string
  readonly group?: string | undefined
  readonly cwd: string
  /** Whether it has the service's /dev/log. */
  readonly syslog?: boolean | undefined
}

/** Whether units of a service have to enter their root. */
export function entersRoot({ isolation, roots }: SessionGround, service: string): boolean {
  return ISOLATIONS[isolation].inside && rootName(roots, service) !== undefined
}

/** A program that first enters the root of its service, as its account. Pure. */
export function inOwnRoot(
  argv: readonly string[],
  { service, user, group, cwd, syslog }: Entering,
  ground: SessionGround,
): readonly string[] {
  if (!entersRoot(ground, service)) return argv
  const { users, groups } = ground.accounts
  const { uid = 0, gid = 0, groups: others = [] } = own(users, user) ?? {}
  const main = group === undefined ? gid : (own(groups, group) ?? gid)
  const ids = [`${uid}`, `${main}`, others.join(',')]
  const name = rootName(ground.roots, service) ?? ''
  const log = syslog ? syslogDirectory(service) : ''
  return [...IN_ROOT, name, log, ...ids, cwd, ...argv]
}

/** Undoes {@link inOwnRoot}: returns the program and its arguments. */
export function withoutOwnRoot(argv: readonly string[]): readonly string[] {
  return argv[1] === IN_ROOT[1] ? argv.slice(8) : argv
}
