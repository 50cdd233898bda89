import type { Dependencies, DependencyName, DependencyView } from './dependencies.ts'
import type { Exec } from './exec.ts'
import type { Values } from './json.ts'
import type { TreeDefinition } from './tree.ts'
import type { HandleFacts, Variables } from './variables.ts'

/** A program that has to be in the tree, and the package that has it. */
export interface Program {
  /** A name looked up in the tree's `/usr/bin`, `/usr/sbin`, or an absolute path. */
  readonly name: string
  /** Whether the handle needs the program, on the host and not in the tree. False by default. */
  readonly client?: boolean
  /** The package that has it on Debian and Ubuntu, for the `fix` of an error. */
  readonly debian?: string
  /** The same on Fedora. */
  readonly fedora?: string
  /** The same on Arch. */
  readonly arch?: string
}

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
  /** Numbers of the service's TCP ports on 127.0.0.1, by the names in `ports`. New in each session. */
  readonly ports: Readonly<Record<Port, number>>
  /** The service's own writable directory inside the tree, `/srv/NAME`. */
  readonly directory: string
  /** The path of a 0700 directory for files that only clients on the host need, {@link ServiceInput.clientFiles}. */
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

/** A file's text, or text with a mode (0600 by default). */
export type FileContent =
  | string
  | {
      /** The file's text. */
      readonly content: string
      /** Permission bits, `0o644`; 0o7777 at most. */
      readonly mode: number
    }
/** Files by their path relative to the service's directory. */
export type Files = Readonly<Record<string, FileContent>>

/**
 * The condition under which a service is ready for connections. Its start job ends then.
 * - `'notify'`: its main process sends `READY=1` (sd_notify(3)).
 * - `'listening'`: one of its own processes listens on each of its ports, for connections to 127.0.0.1.
 * - `{ logLine }`: a line of its log matches this POSIX extended regular expression (grep -E).
 * - `{ exec }`: this command, run in the service's tree until it succeeds.
 * - `'forking'`: its first process exits when it is ready (systemd.service(5), Type=forking).
 * - `'started'`: as soon as the program runs; for services that nobody connects to.
 */
export type Ready =
  | 'notify'
  | 'listening'
  | 'forking'
  | 'started'
  | {
      /** A POSIX extended regular expression for a line of the service's log. */
      readonly logLine: string
    }
  | {
      /** A program and its arguments; a bare name is looked up in the tree. */
      readonly exec: readonly string[]
    }

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

/** The argument of `State.make`. It has no ports and no values, because these differ in each session. */
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

/** `one`: all accounts share one uid. `many`: each account has its own uid, so file permissions separate accounts. */
export type Uids = 'one' | 'many'

/** What a service may require of the isolation: accounts with their own uids, or a systemd as PID 1 of the tree. */
export type Need = 'uids' | 'systemd'

/** An account in the tree's passwd(5). */
export interface Account {
  /** The login name. An account that the tree has already keeps its uid. */
  readonly name: string
  /** Further groups of group(5); made if missing. Every account is in the group `session`, too. */
  readonly groups?: readonly string[]
  /** Home directory in the tree; made if missing. `/home/NAME` by default, or the one that the tree has. */
  readonly home?: string
  /** Login shell; `/bin/sh` by default, or the one that the tree has. */
  readonly shell?: string
}

/** Limits and filters of the unit, with systemd's names (systemd.exec(5), systemd.resource-control(5)). */
export interface UnitOptions {
  /** A deny list: `['setgroups:0']` makes setgroups(2) a success that does nothing. */
  readonly SystemCallDeny?: readonly string[]
  /** Bytes. Enforced only where the memory controller is delegated. */
  readonly MemoryMax?: number
  /** Processes and threads at most. Enforced only where the pids controller is delegated. */
  readonly TasksMax?: number
  /** Open files of each process at most: both limits of RLIMIT_NOFILE. Not more than the manager's own hard limit. */
  readonly LimitNOFILE?: number
  /**
   * The processes whose `READY=1` counts with `ready: 'notify'`: the main process, which is the one that systemd started,
   * also after exec; with `all` every process of the unit.
   */
  readonly NotifyAccess?: 'main' | 'exec' | 'all'
  /** Whether systemd creates a user while the unit runs. Requires `needs: ['systemd']`. */
  readonly DynamicUser?: boolean
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

/**
 * The argument of `defineService`. `NoInfer`: names of ports and services are inferred from `ports` and `dependsOn` only.
 * Otherwise the parameter of a function would add its names, and a misspelt name would compile.
 */
export interface ServiceInput<
  Port extends string = string,
  V extends Values = Values,
  Handle extends object = object,
  Kind extends string = string,
  D extends Dependencies = Dependencies,
> {
  /** What the service is (`ldap`, `redis`): fixtures find a service by its kind. Letters, digits and `-`. */
  readonly kind: Kind
  /** Programs that have to be in the tree; all that are missing are reported before anything starts, `MISSING_PROGRAM`. */
  readonly programs?: readonly (string | Program)[]
  /** Names of its TCP ports on 127.0.0.1. The session chooses the numbers. */
  readonly ports?: readonly Port[]
  /**
   * Services that are up before this one starts (`After=` and `Requires=`): `{ db }` with a definition `db`, or
   * `{ db: { kind: 'redis', ports: ['redis'] } }`. The cluster must have services of these names, of that kind and with
   * those ports. An array of names, `['db']`, does not describe the services, so their ports have no types.
   */
  readonly dependsOn?: D
  /** Paths of the host that are mounted read-only at the same path in the tree; a missing path is ignored. */
  readonly hostPaths?: readonly string[]
  /**
   * A tree of the service's own, such as the cluster's with further layers; `/srv` is the same for all services. For
   * isolation `chroot` only.
   */
  readonly tree?: TreeDefinition
  /** Accounts of the tree. */
  readonly accounts?: readonly Account[]
  /**
   * The account that the service runs as and that owns its directory, one of `accounts` or `root`; by default
   * `session`. If accounts share one uid (`context.uids`), the service runs as that uid.
   */
  readonly user?: string
  /** The group of the service and its directory; that of `user` by default. */
  readonly group?: string
  /** What the service requires of the isolation. By default it runs under every isolation. */
  readonly needs?: readonly Need[]
  /**
   * Values of this session: passwords, keys. Plain data only. `clientDirectory` does not exist yet: `clientFiles` returns
   * its files.
   */
  values?(
    context: Pick<ServiceContext, 'name' | 'baseDirectory' | 'clientDirectory'>,
  ): V | Promise<V>
  /** Data that is costly to make, such as a database. */
  readonly state?: State
  /** Files of the service, written before it starts. They replace files of its state. */
  files?(context: ServiceContext<NoInfer<Port>, V, NoInfer<D>>): Files | Promise<Files>
  /** Files for clients on the host, in `clientDirectory`. */
  clientFiles?(context: ServiceContext<NoInfer<Port>, V, NoInfer<D>>): Files | Promise<Files>
  /** The program and its arguments; never a shell string. A bare name is looked up in the tree. */
  command(context: ServiceContext<NoInfer<Port>, V, NoInfer<D>>): readonly string[]
  /** Environment of the service and of what `exec` runs in its tree. */
  env?(context: ServiceContext<NoInfer<Port>, V, NoInfer<D>>): Readonly<Record<string, string>>
  /** When the service counts as started. */
  readonly ready: Ready
  /** Milliseconds until a service that is not ready has failed; 30 000 by default. */
  readonly readyTimeout?: number
  /** `SIGKILL` by default, because the data of a session is discarded. */
  readonly stopSignal?: 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'SIGQUIT'
  /** Milliseconds from `stopSignal` to SIGKILL; 2 000 by default. */
  readonly stopTimeout?: number
  /** Limits and filters of the unit, or a function that returns them. */
  readonly unit?:
    | UnitOptions
    | ((context: ServiceContext<NoInfer<Port>, V, NoInfer<D>>) => UnitOptions)
  /** Returns the service's own part of the handle. Called in the test's process. */
  handle?(context: HandleContext<NoInfer<Port>, V, NoInfer<D>>): Handle | Promise<Handle>
  /**
   * The service's environment variables for programs outside of the session, such as a test suite that reads `PGHOST`.
   * Called with the handle, in the process that needs them. Write it after `handle`, so that TypeScript has its type.
   * By default each property of the handle that is a string, number or boolean is a variable: `baseDn` of the service
   * `ldap` is `LDAP_BASE_DN`.
   */
  variables?(handle: Handle & Omit<HandleFacts, keyof Handle>): Variables | Promise<Variables>
}

/**
 * A service, made by `defineService`. The type parameters are its own part of the handle, its kind, ports and values, and
 * its requirements of other services.
 */
export interface ServiceDefinition<
  Handle extends object = object,
  Kind extends string = string,
  Port extends string = string,
  V extends Values = Values,
  D extends Dependencies = Dependencies,
  // biome-ignore lint/suspicious/noExplicitAny: contexts matter only inside the definition
> extends Omit<ServiceInput<any, any, any, any, any>, Typed> {
  /** See {@link ServiceInput.kind}. */
  readonly kind: Kind
  /** See {@link ServiceInput.ports}. */
  readonly ports?: readonly Port[]
  /** See {@link ServiceInput.dependsOn}. */
  readonly dependsOn?: D
  /** See {@link ServiceInput.values}. */
  values?(
    context: Pick<ServiceContext, 'name' | 'baseDirectory' | 'clientDirectory'>,
  ): V | Promise<V>
  /** See {@link ServiceInput.handle}. */
  readonly handle?: (context: HandleContext) => object | Promise<object>
  /** Never set: carries the type for inference. */
  readonly '~handle'?: Handle
}

/** The fields of a definition that keep their types. */
type Typed = 'kind' | 'ports' | 'dependsOn' | 'values' | 'handle'

/** The handle's own part of a service's type. */
export type HandleOf<S> = S extends ServiceDefinition<infer Handle> ? Handle : never
