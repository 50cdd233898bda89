import type { Dependencies, Requirements, WellFormed } from './dependencies.ts'
import type { Values } from './json.ts'
import type { ServiceDefinition, ServiceInput } from './service.ts'
import { remember } from './site.ts'

type Field = keyof ServiceDefinition

/**
 * Defines a service. The shipped services are defined in the same way. `defineCluster` checks the definition.
 */
export function defineService<
  const Port extends string = never,
  V extends Values = Values,
  Handle extends object = object,
  const Kind extends string = string,
  const D extends Dependencies = readonly [],
>(
  input: ServiceInput<Port, V, Handle, Kind, D> & { readonly dependsOn?: WellFormed<D, Field> },
): ServiceDefinition<Handle, Kind, NoInfer<Port>, V, Requirements<D>> {
  if (typeof input === 'object' && input !== null) remember(input)
  return input as unknown as ServiceDefinition<Handle, Kind, NoInfer<Port>, V, Requirements<D>>
}
