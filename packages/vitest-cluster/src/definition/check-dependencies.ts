import { own } from '../own.ts'
import type { Services } from './cluster.ts'
import { type Dependencies, type Requirement, requirementsOf } from './dependencies.ts'
import { fail, type Refuse, shown } from './refuse.ts'
import { isPlain } from './words.ts'

const FIX =
  "Write names, dependsOn: ['db'], or what is needed, dependsOn: { db: { kind: 'redis', ports: ['redis'] } }."

/**
 * The field `dependsOn`, as copies: names, or requirements without what a definition has besides.
 * @param fields what a requirement may have: the fields of a definition
 */
export function checkedDependencies(
  value: unknown,
  refuse: Refuse,
  fields: readonly string[],
): Dependencies {
  if (Array.isArray(value)) {
    // Not map(): it passes over the holes of [, 'a']
    return Array.from(value as unknown[], (name) => {
      if (typeof name === 'string') return name
      return refuse(`has dependsOn: ${shown(name)}`, FIX)
    })
  }
  if (!isPlain(value)) return refuse(`has dependsOn: ${shown(value)}`, FIX)
  const entries = Object.entries(value).map(([name, given]) => {
    return [name, checkedRequirement(name, given, refuse, fields)] as const
  })
  return Object.fromEntries(entries)
}

function checkedRequirement(
  name: string,
  given: unknown,
  refuse: Refuse,
  fields: readonly string[],
): Requirement {
  const where = `dependsOn.${plainly(name)}`
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return refuse(`has ${where}: ${shown(given)}`, FIX)
  const unknown = isPlain(given)
    ? Object.keys(given).find((key) => !fields.includes(key))
    : undefined
  if (unknown !== undefined)
    refuse(
      `has ${where} with a field ${shown(unknown)}`,
      'Its fields are kind and ports, or those of a service definition.',
    )
  const { kind, ports } = given as { readonly kind?: unknown; readonly ports?: unknown }
  if (kind !== undefined && typeof kind !== 'string')
    refuse(`has ${where}.kind: ${shown(kind)}`, "Write a kind, such as kind: 'redis'.")
  if (ports === undefined) return { ...(kind !== undefined && { kind }) }
  if (
    !Array.isArray(ports) ||
    !Array.from(ports as unknown[]).every((port) => typeof port === 'string')
  )
    return refuse(
      `has ${where}.ports: ${shown(ports)}`,
      "Write names of ports, such as ports: ['redis'].",
    )
  return { ...(kind !== undefined && { kind }), ports: [...ports] }
}

/**
 * Checks that a cluster has what a service depends on.
 * @throws ClusterError `UNKNOWN_DEPENDENCY`; `INVALID_DEFINITION` for one of another kind or without a port
 */
export function checkDependencies(name: string, services: Services): void {
  for (const [other, needed] of requirementsOf(services[name]?.dependsOn)) {
    const found = own(services, other)
    const depends = `depends on '${plainly(other)}', which`
    if (!found) {
      fail(
        'UNKNOWN_DEPENDENCY',
        name,
        `${depends} the cluster does not have`,
        `Services of this cluster: ${Object.keys(services).join(', ')}.`,
      )
    }
    const kind = needed.kind ?? found.kind
    if (found.kind !== kind) {
      const alike = Object.keys(services).filter((each) => services[each]?.kind === kind)
      fail(
        'INVALID_DEFINITION',
        name,
        `${depends} has to be of kind ${plainly(kind)} and is of kind ${found.kind}`,
        alike.length > 0
          ? `Write the name of a service of kind ${kind} in the place of ${other}: ${alike.join(', ')}.`
          : `Add a service of kind ${plainly(kind)} to the cluster, and write its name in the place of ${other}.`,
      )
    }
    const ports: readonly string[] = found.ports ?? []
    const missing = needed.ports?.find((port) => !ports.includes(port))
    if (missing === undefined) continue
    fail(
      'INVALID_DEFINITION',
      name,
      `${depends} has no port '${plainly(missing)}'`,
      `The ports of ${other}: ${ports.join(', ') || 'none'}. Add '${plainly(missing)}' to them, or correct the name in dependsOn of ${name}.`,
    )
  }
}

/** A user's word in a sentence. */
function plainly(word: string): string {
  return shown(word).slice(1, -1)
}
