import { join } from 'node:path'
import type { IsolationName } from '../definition/cluster.ts'

/** The paths of a session on the host. All are below one directory, named by the session's id. */
export interface SessionPaths {
  /** 0700, the caller's: `$TMPDIR/vitest-cluster-UID/ID`. */
  readonly directory: string
  /** The services' part: the only one that a private manager can see. */
  readonly cluster: string
  /** The root file system of the session's services. */
  readonly root: string
  readonly logs: string
  /** Output of programs run by `exec`. */
  readonly output: string
  /** The directory of the manager's socket where a session has many uids: in the tree only root may reach it. */
  readonly control: string
  /** Copies of the tree's passwd(5) and group(5), for a manager outside of the tree. */
  readonly passwd: string
  readonly group: string
  /** Ports that are forwarded into a network of the session's own, one a line. */
  readonly forward: string
  /** What a manager inside of the tree has to mount, three lines each. */
  readonly mounts: string
  /** Where the session's own manager mounts trees of the cache, each by its name; and the file that lists them. */
  readonly tree: string
  readonly trees: string
  /** The session's own files of /etc, and its own directories for services that have a tree of their own. */
  readonly etc: string
  readonly roots: string
  /** The session's /dev/shm, used where services would otherwise see the host's. */
  readonly shm: string
  /** Files for clients on the host. */
  readonly client: string
  /** What ended while the session was up, one file each. */
  readonly status: string
  readonly lease: string
  readonly managerLog: string
}

export function sessionPaths(base: string, id: string): SessionPaths {
  const directory = join(base, id)
  const cluster = join(directory, 'cluster')
  return {
    directory,
    cluster,
    root: join(cluster, 'root'),
    logs: join(cluster, 'log'),
    output: join(cluster, 'output'),
    control: join(cluster, 'control'),
    passwd: join(cluster, 'passwd'),
    group: join(cluster, 'group'),
    forward: join(cluster, 'forward'),
    mounts: join(cluster, 'mounts'),
    tree: join(cluster, 'tree'),
    trees: join(cluster, 'trees'),
    etc: join(cluster, 'etc'),
    roots: join(cluster, 'roots'),
    shm: join(cluster, 'shm'),
    client: join(directory, 'client'),
    status: join(directory, 'status'),
    lease: join(directory, 'lease'),
    managerLog: join(directory, 'manager.log'),
  }
}

/** A service's log, in the directory of logs. */
export function logName(service: string): string {
  return `${service}.log`
}

/** The socket of the session's own manager, and the link beside it that appears once it takes connections. */
export interface ManagerSocket {
  readonly directory: string
  readonly path: string
  readonly listens: string
}

/** Where the manager of an isolation listens, as the units in libexec/manager set it. */
export function managerSocket(paths: SessionPaths, kind: IsolationName): ManagerSocket {
  const directory = kind === 'chroot' ? paths.cluster : paths.control
  return { directory, path: join(directory, 'bus'), listens: join(directory, 'bus-listens') }
}
