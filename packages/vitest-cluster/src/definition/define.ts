import { checkedServices, checkSettings } from './check.ts'
import { checkedHosts } from './check-hosts.ts'
import { checkedNames } from './check-names.ts'
import type { ClusterDefinition, ClusterSettings, Services } from './cluster.ts'
import type { Problems } from './dependencies.ts'
import type { HostInputs, HostProblems, Hosts, ServicesOfHosts } from './host.ts'
import { checkDistinct, checkedPorts, type NamingOptions, type PortNumbers } from './named-ports.ts'
import { checkOptionNames } from './options.ts'
import { fail, reading, shown } from './refuse.ts'
import { withServiceSite } from './site.ts'
import { isPlain } from './words.ts'

/** The argument of {@link defineCluster}. */
export interface ClusterInput<
  S extends Services,
  Base extends Services = Record<never, never>,
  H extends HostInputs = Record<never, never>,
  BaseHost extends string = string,
> extends ClusterSettings {
  /** Another cluster, whose services and hosts this cluster has, too. */
  readonly extends?: ClusterDefinition<Base, BaseHost>
  /** The services by name. A service does not compile if the cluster lacks a service or port of its `dependsOn`. */
  readonly services: S & Problems<S, Base & S & ServicesOfHosts<H>>
  /** Machines with names, addresses and directories of their own. docs/hosts.md */
  readonly hosts?: (H & HostProblems<H, Base & S & ServicesOfHosts<H>>) | undefined
  /**
   * Numbers for ports, by `SERVICE` or `SERVICE.PORT`: `{ ssh: 20059, 'ldap.ldaps': 10636 }`. The session chooses all
   * others. They replace those of the cluster that it extends, and those in definitions of services.
   */
  readonly ports?: PortNumbers<NoInfer<Base & S & ServicesOfHosts<H>>>
}

/** The same without the check of dependencies in its type, for the code of this file. */
type Untyped<S extends Services, Base extends Services> = Omit<
  ClusterInput<S, Base>,
  'services' | 'hosts' | 'ports'
> & {
  readonly services: S
  readonly hosts?: unknown
  readonly ports?: ClusterDefinition['ports']
}

const FIELDS = [
  ...['extends', 'services', 'hosts', 'ports', 'isolation', 'network', 'dns', 'names', 'tree'],
]

const defined = new WeakSet<object>()

/**
 * Defines a cluster.
 * @throws ClusterError `INVALID_NAME`, `DUPLICATE_SERVICE`, `UNKNOWN_DEPENDENCY`, `CYCLE`,
 * `INVALID_DEFINITION`: each names the service and the fix.
 */
export function defineCluster<
  S extends Services,
  Base extends Services = Record<never, never>,
  const H extends HostInputs = Record<never, never>,
  BaseHost extends string = never,
>(
  input: ClusterInput<S, Base, H, BaseHost>,
): ClusterDefinition<Base & S & ServicesOfHosts<H>, BaseHost | (keyof H & string)> {
  return reading('the definition', undefined, () =>
    placing(input?.services, () => placing(input?.extends?.services, () => define(input))),
  ) as never
}

/** The same for an object that may be a cluster already, such as the default export of a file. */
export function asCluster<S extends Services, Host extends string>(
  given: ClusterDefinition<S, Host>,
): ClusterDefinition<S, Host> {
  return typeof given === 'object' && given !== null && defined.has(given)
    ? given
    : reading('the definition', undefined, () => define<S, Record<never, never>>(given))
}

/**
 * A cluster for a session, with services that check what their functions return. It is checked again, since a user may
 * have changed the object.
 */
export function forSession<S extends Services>(given: ClusterDefinition<S>): ClusterDefinition<S> {
  const cluster = asCluster(given)
  return placing(cluster.services, () =>
    reading('the definition', undefined, () => ({
      ...cluster,
      services: checkedServices(cluster.services, cluster) as S,
    })),
  )
}

/**
 * A cluster with further numbers for its ports, which replace its own.
 * @throws what `refuse` throws
 */
export function withPorts<S extends Services>(
  given: ClusterDefinition<S>,
  ports: unknown,
  naming: NamingOptions,
): ClusterDefinition<S> {
  const cluster = asCluster(given)
  if (ports === undefined) return cluster
  const merged = { ...cluster.ports, ...checkedPorts(cluster.services, ports, naming) }
  const named = { ...cluster, ports: merged }
  checkDistinct(named, naming)
  return named
}

/** Adds the place of a service to errors about it. */
function placing<T>(services: unknown, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw isPlain(services) ? withServiceSite(error, services as Services) : error
  }
}

function define<S extends Services, Base extends Services>(
  input: Untyped<S, Base>,
): ClusterDefinition<Base & S> {
  checkShape(input)
  const { isolation = input.extends?.isolation, network = input.extends?.network } = input
  const { dns = input.extends?.dns, tree = input.extends?.tree } = input
  const base: object = input.extends?.services ?? {}
  const ofHosts = checkedHosts(input.hosts)
  for (const name of [...Object.keys(input.services ?? {}), ...Object.keys(ofHosts.services)]) {
    if (!Object.hasOwn(base, name)) continue
    fail(
      'DUPLICATE_SERVICE',
      name,
      'the cluster that it extends already has a service of this name',
      `Give one of the two another name, such as ${name}2.`,
    )
  }
  const hosts = mergedHosts(input.extends?.hosts, ofHosts.hosts)
  const names = checkedNames(input.names, input.extends?.names)
  checkSettings({ isolation, network, dns, names, tree, hosts })
  for (const name of Object.keys(ofHosts.services)) {
    if (Object.hasOwn(input.services ?? {}, name))
      fail('DUPLICATE_SERVICE', name, 'is a service of a host, too', 'Rename one of them.')
  }
  const services = { ...base, ...input.services, ...ofHosts.services } as Base & S
  const checked = checkedServices(services, { hosts, ...(names && { names }) })
  const ports = {
    ...checkedPorts(checked, input.extends?.ports),
    ...checkedPorts(checked, input.ports),
  }
  checkDistinct({ services: checked, hosts, ports })
  const cluster = {
    services,
    ...(Object.keys(hosts).length > 0 && { hosts }),
    ...(Object.keys(ports).length > 0 && { ports }),
    ...(isolation && { isolation }),
    ...(network && { network }),
    ...(dns && { dns }),
    ...(names && { names }),
    ...(tree && { tree }),
  }
  defined.add(cluster)
  return cluster
}

/** The hosts of the cluster that is extended, and those of the definition. @throws ClusterError `INVALID_DEFINITION` */
function mergedHosts(base: Hosts | undefined, added: Hosts): Hosts {
  const twice = Object.keys(added).find((name) => Object.hasOwn(base ?? {}, name))
  if (twice !== undefined)
    fail(
      'INVALID_DEFINITION',
      undefined,
      `the cluster that it extends already has a host ${twice}`,
      'Give one of the two another name.',
    )
  return checkedHosts({ ...base, ...added }).hosts
}

function checkShape(input: unknown): void {
  const fix = 'defineCluster({ services: { ldap: ldap({ suffix: "dc=example" }) } })'
  const refuse = (what: string, how = fix) => fail('INVALID_DEFINITION', undefined, what, how)
  if (!isPlain(input)) throw refuse(`${shown(input)} is not a cluster`)
  checkOptionNames('defineCluster', input, FIELDS)
  const { services, extends: other } = input
  if (other !== undefined && !(isPlain(other) && isPlain(other['services'])))
    refuse(`the cluster extends ${shown(other)}, which is not a cluster`)
  // An array, spread below, would become services named 0, 1, …
  if (services !== undefined && services !== null && !isPlain(services))
    refuse(`the cluster's services are ${shown(services)}; a cluster needs at least one service`)
}
