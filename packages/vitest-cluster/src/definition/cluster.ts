import { ClusterError } from '../errors.ts'
import { checkCluster } from './check.ts'
import type { ServiceDefinition } from './service.ts'

export type Services = Readonly<Record<string, ServiceDefinition>>

/** A checked set of services. It is plain data and functions: nothing runs until a session is opened. */
export interface ClusterDefinition<S extends Services = Services> {
  readonly services: S
}

/** What {@link defineCluster} takes. */
export interface ClusterInput<S extends Services, Base extends Services = Record<never, never>> {
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
  checkCluster(services)
  return { services }
}
