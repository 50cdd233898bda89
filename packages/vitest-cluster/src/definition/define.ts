import { ClusterError } from '../errors.ts'
import { checkCluster, checkSettings } from './check.ts'
import type { ClusterDefinition, ClusterSettings, Services } from './cluster.ts'

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
