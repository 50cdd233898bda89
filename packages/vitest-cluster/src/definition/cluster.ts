import { ClusterError } from '../errors.ts'
import { checkCluster, checkSettings } from './check.ts'
import type { ServiceDefinition } from './service.ts'
import type { TreeDefinition } from './tree.ts'

/** How a session's services get their tree, see docs/isolation.md. */
export type IsolationName = 'chroot' | 'range' | 'boot' | 'nspawn'

/** What a cluster says of how it is run. */
export interface ClusterSettings {
  /**
   * `'auto'`, the default: the first of chroot, range, boot, nspawn that the machine can do and that gives what the
   * services need.
   */
  readonly isolation?: IsolationName | 'auto'
  /**
   * `'host'`, the default: services listen on the host's loopback. `'private'`: on the loopback of a network of their
   * own, and their ports are forwarded to the host's. For `boot` only.
   */
  readonly network?: 'host' | 'private'
  /** The root file system that the services run in; `hostTree()` by default. docs/trees.md */
  readonly tree?: TreeDefinition
}

export type Services = Readonly<Record<string, ServiceDefinition>>

/** A checked set of services. It is plain data and functions: nothing runs until a session is opened. */
export interface ClusterDefinition<S extends Services = Services> extends ClusterSettings {
  readonly services: S
}

/** What {@link defineCluster} takes. */
export interface ClusterInput<S extends Services, Base extends Services = Record<never, never>>
  extends ClusterSettings {
  /** Another cluster whose services this one has too. */
  readonly extends?: ClusterDefinition<Base>
  readonly services: S
}

/**
 * Defines a cluster.
 * @throws ClusterError `INVALID_NAME`, `DUPLICATE_SERVICE`, `UNKNOWN_DEPENDENCY`, `CYCLE`,
 * `INVALID_DEFINITION`: each names the service and the mend.
 */
export function defineCluster<S extends Services, Base extends Services = Record<never, never>>(
  input: ClusterInput<S, Base>,
): ClusterDefinition<Base & S> {
  const base = Object.keys(input.extends?.services ?? {})
  for (const name of Object.keys(input.services ?? {})) {
    if (base.includes(name)) {
      throw new ClusterError({
        code: 'DUPLICATE_SERVICE',
        service: name,
        message: 'the cluster that this one extends has a service of this name already',
        mend: `Give one of the two another name, such as ${name}2.`,
      })
    }
  }
  const services = { ...input.extends?.services, ...input.services } as Base & S
  const { isolation = input.extends?.isolation, network = input.extends?.network } = input
  const { tree = input.extends?.tree } = input
  checkSettings({ isolation, network, tree })
  checkCluster(services)
  return {
    services,
    ...(isolation && { isolation }),
    ...(network && { network }),
    ...(tree && { tree }),
  }
}
