import { join } from 'node:path'
import type { IsolationName } from '../definition/cluster.ts'
import { own } from '../own.ts'
import type { Accounts } from '../root/accounts.ts'
import type { RootPlan } from '../root/plan.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { ISOLATIONS } from './isolation.ts'

/** Where the tree shows the services' logs. */
export const TREE_LOGS = '/var/log/vitest-cluster'
/** Where a tree with its manager inside shows what `exec` writes. */
export const TREE_OUTPUT = '/run/vitest-cluster-output'
/** Where it has the directory of its socket: libexec/manager has the units that say so. */
export const TREE_CONTROL = '/run/vitest-cluster'

/** What decides how a unit is confined. Plain data. */
export interface Confines {
  readonly isolation: IsolationName
  readonly root: Pick<RootPlan, 'directory' | 'mounts'>
  readonly accounts: Accounts
  /** Directories of the host. */
  readonly paths: { readonly logs: string; readonly output: string; readonly shm: string }
  /** The session's own manager has a System V IPC of its own, for all units (ipc_namespaces(7)). */
  readonly manager: { readonly own: boolean }
}

/** Where the manager that starts the units finds what the session writes for it: it may stand in the tree itself. */
export function seenByManager({ isolation, paths }: Pick<Confines, 'isolation' | 'paths'>) {
  return ISOLATIONS[isolation].inside ? { logs: TREE_LOGS, output: TREE_OUTPUT } : paths
}

/** The settings by which a unit is in the tree, as the account. Pure; systemd.exec(5) says what each does. */
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
 * System V IPC and POSIX message queues outlive the processes that made them. The unit's first program has its own. The
 * programs of `ExecStartPost=` have other user namespaces, and so no right to join it (setns(2)): systemd goes on with
 * the host's for them, but then cannot mount /dev/mqueue. So nothing is mounted there; mq_open(3) does without.
 */
const OWN_IPC: UnitSettings = { PrivateIPC: true, InaccessiblePaths: ['-+/dev/mqueue'] }

function inTree({ root, paths }: Confines): UnitSettings {
  return {
    RootDirectory: root.directory,
    MountAPIVFS: true,
    BindReadOnlyPaths: [...mounts(root, false), [paths.logs, TREE_LOGS]],
    // MountAPIVFS= puts a fresh tmpfs on /run for each process, and shows the host's /dev: the session's own go over them
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

/** Nobody but the caller to become: a namespace in which the one uid is itself. */
const ONE_UID: UnitSettings = { PrivateUsers: true, NoNewPrivileges: true }

function as({ users, groups }: Accounts, user: string, group: string | undefined): UnitSettings {
  const identity = own(users, user)
  if (!identity || user === 'root') return {}
  const gid = group === undefined ? identity.gid : own(groups, group)
  // Numbers: names would be looked up where the manager is, which may not be in the tree
  return {
    User: `${identity.uid}`,
    Group: `${gid ?? identity.gid}`,
    SupplementaryGroups: identity.groups.map(String),
  }
}
