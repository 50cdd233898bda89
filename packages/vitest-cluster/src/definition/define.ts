import { checkedServices, checkSettings } from './check.ts'
import type { ClusterDefinition, ClusterSettings, Services } from './cluster.ts'
import type { Problems } from './dependencies.ts'
import { checkOptionNames } from './options.ts'
import { fail, reading, shown } from './refuse.ts'
import { withServiceSite } from './site.ts'
import { isPlain } from './words.ts'

/** The argument of {@link defineCluster}. */
export interface ClusterInput<S extends Services, Base extends Services = Record<never, never>>
  extends ClusterSettings {
  /** Another cluster, whose services this cluster has, too. */
  readonly extends?: ClusterDefinition<Base>
  /** The services by name. A service does not compile if the cluster lacks a service or port of its `dependsOn`. */
  readonly services: S & Problems<S, Base & S>
}

/** The same without the check of dependencies in its type, for the code of this file. */
type Untyped<S extends Services, Base extends Services> = Omit<
  ClusterInput<S, Base>,
  'services'
> & { readonly services: S }

const FIELDS = ['extends', 'services', 'isolation', 'network', 'dns', 'tree']

const defined = new WeakSet<object>()

/**
 * Defines a cluster.
 * @throws ClusterError `INVALID_NAME`, `DUPLICATE_SERVICE`, `UNKNOWN_DEPENDENCY`, `CYCLE`,
 * `INVALID_DEFINITION`: each names the service and the fix.
 */
export function defineCluster<S extends Services, Base extends Services = Record<never, never>>(
  input: ClusterInput<S, Base>,
): ClusterDefinition<Base & S> {
  return reading('the definition', undefined, () =>
    placing(input?.services, () => placing(input?.extends?.services, () => define(input))),
  )
}

/** The same for an object that may be a cluster already, such as the default export of a file. */
export function asCluster<S extends Services>(given: ClusterDefinition<S>): ClusterDefinition<S> {
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
      services: checkedServices(cluster.services) as S,
    })),
  )
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
  for (const name of Object.keys(input.services ?? {})) {
    if (!Object.hasOwn(base, name)) continue
    fail(
      'DUPLICATE_SERVICE',
      name,
      'the cluster that it extends already has a service of this name',
      `Give one of the two another name, such as ${name}2.`,
    )
  }
  checkSettings({ isolation, network, dns, tree })
  const services = { ...base, ...input.services } as Base & S
  checkedServices(services)
  const cluster = {
    services,
    ...(isolation && { isolation }),
    ...(network && { network }),
    ...(dns && { dns }),
    ...(tree && { tree }),
  }
  defined.add(cluster)
  return cluster
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
