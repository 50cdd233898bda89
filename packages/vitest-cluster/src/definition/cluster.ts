import type { Hosts } from './host.ts'
import type { NamesOptions } from './names.ts'
import type { ServiceDefinition } from './service.ts'
import type { TreeDefinition } from './tree.ts'

/** How a session's services get their tree, see docs/isolation.md. */
export type IsolationName = 'chroot' | 'range' | 'boot' | 'nspawn'

/** How a cluster is run. */
export interface ClusterSettings {
  /**
   * `'auto'`, the default: the first of chroot, range, boot, nspawn that the machine supports and that meets the needs of
   * the services.
   */
  readonly isolation?: IsolationName | 'auto'
  /**
   * `'host'`, the default: services listen on the host's loopback. `'private'`: on the loopback of a network of their
   * own, and their ports are forwarded to the host's. For `boot` only.
   */
  readonly network?: 'host' | 'private'
  /**
   * `'files'`, the default: programs look up the names of services only, and any other name fails at once. `'host'`: other
   * names are looked up as on the host, by a copy of its `/etc/resolv.conf` made when the session opens. docs/isolation.md
   */
  readonly dns?: 'files' | 'host'
  /** Users, groups and host names, besides those of services, and where programs look them up. docs/names.md */
  readonly names?: NamesOptions
  /** The root file system that the services run in; `hostTree()` by default. docs/trees.md */
  readonly tree?: TreeDefinition
}

/** The services of a cluster, by name. */
export type Services = Readonly<Record<string, ServiceDefinition>>

/** A checked set of services. It is plain data and functions: nothing runs until a session is opened. */
export interface ClusterDefinition<S extends Services = Services, Host extends string = string>
  extends ClusterSettings {
  /** The services by name, with those of the cluster that it extends. */
  readonly services: S
  /** The hosts by name. Their services are in `services`, too. */
  readonly hosts?: Hosts<Host>
  /** The numbers that the cluster gives to ports, by `SERVICE.PORT`. */
  readonly ports?: Readonly<Record<string, number | undefined>>
}
