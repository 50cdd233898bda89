import { own } from '../own.ts'
import type { Services } from './cluster.ts'
import { type Dependencies, type Requirement, requirementsOf } from './dependencies.ts'
import { suggestService } from './nearest.ts'
import { checkOptionNames } from './options.ts'
import { portNames, type ServicePorts } from './ports.ts'
import { fail, shown } from './refuse.ts'
import { a, type Check, list, record } from './schema.ts'
import { isPlain } from './words.ts'

const FIX =
  "Write names, dependsOn: ['db'], or requirements, dependsOn: { db: { kind: 'redis', ports: ['redis'] } }."
const NAMES = list(a<string>('a name', isString, FIX), FIX)
const KIND = a<string>('a kind', isString, "Write a kind, such as kind: 'redis'.")
const PORTS = "Write names of ports, such as ports: ['redis']."

/**
 * The field `dependsOn`: names, or requirements, of which only kind and ports are kept.
 * @param fields the fields that a requirement may have: those of a definition
 */
export function dependencies(fields: () => readonly string[]): Check<Dependencies> {
  const requirement: Check<Requirement> = (value, name, refuse) => {
    const given = a<Requirement>('a requirement', isObject, FIX)(value, name, refuse)
    if (isPlain(given)) checkOptionNames(name, given, fields(), refuse)
    const { kind, ports } = given
    return {
      ...(kind !== undefined && { kind: KIND(kind, `${name}.kind`, refuse) }),
      ...(ports !== undefined && {
        ports: list(a<string>('a name', isString, PORTS), PORTS)(
          isPlain(ports) ? portNames(ports as ServicePorts) : ports,
          `${name}.ports`,
          refuse,
        ),
      }),
    }
  }
  const requirements = record((name) => String(name), requirement, FIX)
  return (value, name, refuse) =>
    Array.isArray(value) ? NAMES(value, name, refuse) : requirements(value, name, refuse)
}

function isString(value: unknown): boolean {
  return typeof value === 'string'
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Checks that a cluster has what a service depends on.
 * @throws ClusterError `UNKNOWN_DEPENDENCY`; `INVALID_DEFINITION` for a service of another kind or without a port
 */
export function checkDependencies(name: string, services: Services): void {
  for (const [other, needed] of requirementsOf(services[name]?.dependsOn)) {
    const found = own(services, other)
    const depends = `depends on '${unquoted(other)}', which`
    if (!found) {
      fail(
        'UNKNOWN_DEPENDENCY',
        name,
        `${depends} the cluster does not have`,
        suggestService(other, Object.keys(services)),
      )
    }
    const kind = needed.kind ?? found.kind
    if (found.kind !== kind) {
      const alike = Object.keys(services).filter((each) => services[each]?.kind === kind)
      fail(
        'INVALID_DEFINITION',
        name,
        `${depends} must be of kind ${unquoted(kind)} but is of kind ${found.kind}`,
        alike.length > 0
          ? `Replace ${other} with the name of a service of kind ${kind}: ${alike.join(', ')}.`
          : `Add a service of kind ${unquoted(kind)} to the cluster, and replace ${other} with its name.`,
      )
    }
    const ports = portNames(found.ports)
    const missing = portNames(needed.ports).find((port) => !ports.includes(port))
    if (missing === undefined) continue
    fail(
      'INVALID_DEFINITION',
      name,
      `${depends} has no port '${unquoted(missing)}'`,
      `The ports of ${other}: ${ports.join(', ') || 'none'}. Add '${unquoted(missing)}' to them, or correct the name in dependsOn of ${name}.`,
    )
  }
}

/** A name that a user wrote, escaped for a message. */
function unquoted(word: string): string {
  return shown(word).slice(1, -1)
}
