import type { Dependencies, DependencyName, DependencyView } from './dependencies.ts'
import type { Exec } from './exec.ts'
import type { Values } from './json.ts'
import type { Files, Uids } from './service-fields.ts'

/**
 * The argument of a definition's functions: facts about the session. The functions are called before the session exists:
 * they return data, and do not start or write anything.
 */
export interface ServiceContext<
  Port extends string = string,
  V extends Values = Values,
  D extends Dependencies = Dependencies,
> {
  /** The service's name in the cluster. */
  readonly name: string
  /** The address that the service listens on: its host's, or `127.0.0.1`. */
  readonly address: string
  /** The name of its host; undefined if it is on none. */
  readonly host: string | undefined
  /** Numbers of the service's TCP ports on its address, by the names in `ports`. New in each session, unless they are named. */
  readonly ports: Readonly<Record<Port, number>>
  /** The service's own writable directory inside the tree, `/srv/NAME`. */
  readonly directory: string
  /** The path of a 0700 directory for files that only clients on the host need: those of `clientFiles`. */
  readonly clientDirectory: string
  /** The base of relative paths in options: the directory of `cluster.config.ts`. */
  readonly baseDirectory: string
  /** What `values` returned for this session. */
  readonly values: V
  /** The uid on the host that owns the tree; with `uids` `one` all services run under it. */
  readonly uid: number
  /** The gid that belongs to `uid`. */
  readonly gid: number
  /** Whether all processes of the session share one uid, or accounts have uids of their own (docs/isolation.md). */
  readonly uids: Uids
  /** Whether the tree has this path, such as one of the places where distributions put a file. */
  has(path: string): boolean
  /** A service of `dependsOn`. @throws ClusterError `UNKNOWN_DEPENDENCY` */
  service<Name extends DependencyName<D>>(name: Name): DependencyView<D, Name>
}

/** The argument of `values`: facts that do not depend on the other services. */
export type ValuesContext = Pick<
  ServiceContext,
  'name' | 'address' | 'host' | 'baseDirectory' | 'clientDirectory'
>

/** State that is costly to make: made once for its inputs, cached, and copied into each session. */
export interface State {
  /** Everything that the state depends on. Its JSON is the key. */
  inputs(context: Pick<ServiceContext, 'name' | 'baseDirectory'>): unknown
  /**
   * Makes the state in `context.directory`, by programs of the tree. A session gives all its files to the service's
   * account. Opening the session fails with `INVALID_DEFINITION` if the state has a file of another owner, a set-user-ID
   * or set-group-ID program, a socket or a device.
   */
  make(context: StateContext): Promise<void>
}

/** The argument of `State.make`. It has no ports, address and values, because these differ in each session. */
export interface StateContext {
  /** The service's name in the cluster. */
  readonly name: string
  /** The directory to fill, as programs of the tree see it: `/srv/NAME`. */
  readonly directory: string
  /** What relative paths in options start from: the directory of `cluster.config.ts`. */
  readonly baseDirectory: string
  /** Whether the tree has this path. */
  has(path: string): boolean
  /** Reads a file of the directory, such as one that a program has written. See {@link HandleContext.read}. */
  read(path: string): Promise<string>
  /** Runs a program in the tree, by default in `directory`. */
  readonly exec: Exec
  /** Writes files below the directory, such as the configuration that the programs need. */
  write(files: Files): Promise<void>
}

/** The argument of `handle`, in the test's process. */
export interface HandleContext<
  Port extends string = string,
  V extends Values = Values,
  D extends Dependencies = Dependencies,
> extends ServiceContext<Port, V, D> {
  /** Runs a program inside the service's tree. */
  readonly exec: Exec
  /**
   * Reads a file by its path relative to the service's directory, such as one that its state made. Follows no symbolic link
   * of the service and waits for no FIFO. If accounts have uids of their own, `exec` reads files that are closed to other
   * users.
   * @throws ClusterError `UNREADABLE_FILE`
   */
  read(path: string): Promise<string>
  /** The log of the service: `tail` returns its last lines, for an error. */
  readonly log: {
    /** The last 12 lines that are not empty; `[]` where there are none. */
    tail(): Promise<readonly string[]>
  }
}
