import { join } from 'node:path'

/** Where a session keeps what. Everything is below one directory, named by the session's id. */
export interface Layout {
  readonly id: string
  /** 0700, the caller's: `$TMPDIR/vitest-cluster-UID/ID`. */
  readonly directory: string
  /** The services' part: the only one that a private manager can see. */
  readonly cluster: string
  /** The root file system of the session's services. */
  readonly root: string
  readonly logs: string
  /** Output of programs run by `exec`. */
  readonly output: string
  readonly manager: string
  readonly busSocket: string
  /** Appears once the bus takes connections. */
  readonly busListens: string
  /** What only clients on the host need. */
  readonly client: string
  /** What died while the session was up, one file each. */
  readonly status: string
  readonly lease: string
  readonly managerLog: string
}

export function layout(base: string, id: string): Layout {
  const directory = join(base, id)
  const cluster = join(directory, 'cluster')
  return {
    id,
    directory,
    cluster,
    root: join(cluster, 'root'),
    logs: join(cluster, 'log'),
    output: join(cluster, 'output'),
    manager: join(cluster, 'manager'),
    busSocket: join(cluster, 'bus'),
    busListens: join(cluster, 'bus-listens'),
    client: join(directory, 'client'),
    status: join(directory, 'status'),
    lease: join(directory, 'lease'),
    managerLog: join(directory, 'manager.log'),
  }
}
