import { join } from 'node:path'
import type { IsolationName } from '../definition/cluster.ts'
import { own } from '../own.ts'
import type { Accounts } from '../root/accounts.ts'
import type { RootPlan } from '../root/plan.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { ISOLATIONS } from './isolation.ts'

/** The path of the services' logs in the tree. */
export const TREE_LOGS = '/var/log/vitest-cluster'
/** The path of the output of `exec` in a tree with its manager inside. */
export const TREE_OUTPUT = '/run/vitest-cluster-output'
/** The directories of roots that are not the manager's own in such a tree, see libexec/make-root.sh. */
export const TREE_ROOTS = '/run/vitest-cluster-roots'
/** The directory of the manager's socket in such a tree, also named by the units in libexec/manager. */
export const TREE_CONTROL = '/run/vitest-cluster'

/** What decides how a unit is confined. Plain data. */
export interface Confines {
  readonly isolation: IsolationName
  readonly root: Pick<RootPlan, 'directory' | 'mounts'>
  readonly accounts: Accounts
  /** Directories of the host. */
  readonly paths: { readonly logs: string; readonly output: string; readonly shm: string }
  /** Whether the session has its own manager, with its own System V IPC for all units (ipc_namespaces(7)). */
  readonly manager: { readonly own: boolean }
}

/** Directories of the session as its manager sees them: the manager may run inside the tree. */
export function seenByManager({ isolation, paths }: Pick<Confines, 'isolation' | 'paths'>) {
  return ISOLATIONS[isolation].inside ? { logs: TREE_LOGS, output: TREE_OUTPUT } : paths
}

/** The settings that put a unit into the tree, as its account. Pure; systemd.exec(5) explains them. */
export function confine(confines: Confines, user: string, group?: string): UnitSettings {
  const { isolation, accounts, manager } = confines
  const { uids, inside } = ISOLATIONS[isolation]
  return {
    ...(inside ? {} : inTree(confines)),
    ...(inside || manager.own ? {} : OWN_IPC),
    ...(uids === 'many' ? as(accounts, user, group) : ONE_UID),
  }
}

/**
 * System V IPC and POSIX message queues outlive the processes that created them, so the unit's first program has its own
 * IPC namespace. Programs of `ExecStartPost=` run in other user namespaces and may not join it (setns(2)): systemd uses
 * the host's IPC for them, but then cannot mount /dev/mqueue. So nothing is mounted there; mq_open(3) does not need it.
 */
const OWN_IPC: UnitSettings = { PrivateIPC: true, InaccessiblePaths: ['-+/dev/mqueue'] }

function inTree({ root, paths }: Confines): UnitSettings {
  return {
    RootDirectory: root.directory,
    MountAPIVFS: true,
    BindReadOnlyPaths: [...mounts(root, false), [paths.logs, TREE_LOGS]],
    // MountAPIVFS= mounts a new tmpfs on /run for each process, and the host's /dev: mount the session's own over them
    BindPaths: [
      [join(root.directory, 'run'), '/run'],
      [paths.shm, '/dev/shm'],
      ...mounts(root, true),
    ],
  }
}

function mounts({ mounts }: Confines['root'], writable: boolean) {
  return mounts.flatMap((mount) =>
    mount.writable === writable ? [[mount.source, mount.target] as const] : [],
  )
}

/** A user namespace that has only the caller's uid. */
const ONE_UID: UnitSettings = { PrivateUsers: true, NoNewPrivileges: true }

function as({ users, groups }: Accounts, user: string, group: string | undefined): UnitSettings {
  const identity = own(users, user)
  if (!identity || (user === 'root' && group === undefined)) return {}
  const gid = group === undefined ? identity.gid : own(groups, group)
  // Numbers: the manager would look up names outside the tree
  return {
    User: `${identity.uid}`,
    Group: `${gid ?? identity.gid}`,
    SupplementaryGroups: identity.groups.map(String),
  }
}
