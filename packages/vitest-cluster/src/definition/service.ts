import type { Dependencies } from './dependencies.ts'
import type { Values } from './json.ts'
import type { NameSources } from './names.ts'
import type { ServicePorts } from './ports.ts'
import type { HandleContext, ServiceContext, State, ValuesContext } from './service-context.ts'
import type { Account, Files, Need, Program, Ready, UnitOptions } from './service-fields.ts'
import type { TreeDefinition } from './tree.ts'
import type { HandleFacts, Variables } from './variables.ts'

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
  /**
   * Names of its TCP ports on its address, `['http']`: the session chooses the numbers. Or names with numbers,
   * `{ http: 8080 }`: the session fails with `PORT_UNAVAILABLE` if one of them is in use.
   */
  readonly ports?: ServicePorts<Port>
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
  /**
   * Sources of nsswitch.conf(5) that the service answers for, by database: `{ passwd: ['ldap'] }`. They are asked after
   * `files` in all trees, unless the cluster's `names.nsswitch` has the database.
   */
  readonly nsswitch?: NameSources
  /** What the service requires of the isolation. By default it runs under every isolation. */
  readonly needs?: readonly Need[]
  /**
   * Values of this session: passwords, keys. Plain data only. `clientDirectory` does not exist yet: `clientFiles` returns
   * its files.
   */
  values?(context: ValuesContext): V | Promise<V>
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
  /** Whether the end of the session kills it without its `stopSignal`, which is then for `stop()` and `restart()` only. */
  readonly killAtEnd?: boolean
  /** Limits and filters of the unit, or a function that returns them. */
  readonly unit?:
    | UnitOptions
    | ((context: ServiceContext<NoInfer<Port>, V, NoInfer<D>>) => UnitOptions)
  /**
   * Absolute paths, in the tree, of log files that the service writes itself, such as `/var/log/app/app.log`, or a function
   * that returns them. Their lines are in the service's log, too. Missing files and directories are created for `user`.
   */
  readonly logFiles?:
    | readonly string[]
    | ((context: ServiceContext<NoInfer<Port>, V, NoInfer<D>>) => readonly string[])
  /**
   * Whether its programs have a `/dev/log`, as syslog(3) needs it. What they send is in the service's log, without priority
   * and time. Needs Perl in the tree. False by default.
   */
  readonly syslog?: boolean
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
  readonly ports?: ServicePorts<Port>
  /** See {@link ServiceInput.dependsOn}. */
  readonly dependsOn?: D
  /** See {@link ServiceInput.values}. */
  values?(context: ValuesContext): V | Promise<V>
  /** See {@link ServiceInput.handle}. */
  readonly handle?: (context: HandleContext) => object | Promise<object>
  /** Never set: carries the type for inference. */
  readonly '~handle'?: Handle
}

/** The fields of a definition that keep their types. */
type Typed = 'kind' | 'ports' | 'dependsOn' | 'values' | 'handle'

/** The handle's own part of a service's type. */
export type HandleOf<S> = S extends ServiceDefinition<infer Handle> ? Handle : never
