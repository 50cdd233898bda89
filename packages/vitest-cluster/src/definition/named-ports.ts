import { own } from '../own.ts'
import type { ClusterDefinition, Services } from './cluster.ts'
import { hostOf } from './host.ts'
import { nearest, suggestService } from './nearest.ts'
import { givenNumbers, type PortName, portNames, portProblem } from './ports.ts'
import { type Refuse, refuseFor, shown } from './refuse.ts'
import { isPlain } from './words.ts'

/**
 * Numbers for ports of a cluster, by `SERVICE` for a service with one port, or `SERVICE.PORT`:
 * `{ ssh: 20059, 'ldap.ldaps': 10636 }`.
 */
export type PortNumbers<S extends Services = Services> = {
  readonly [Key in PortKey<S>]?: number | undefined
}

type PortKey<S> = {
  [Name in keyof S & string]: KeysOf<
    Name,
    S[Name] extends { readonly ports?: infer Ports } ? PortName<NonNullable<Ports>> : never
  >
}[keyof S & string]

type KeysOf<Service extends string, Port extends string> = [Port] extends [never]
  ? never
  : string extends Port
    ? Service | `${Service}.${string}`
    : IsUnion<Port> extends true
      ? `${Service}.${Port}`
      : Service | `${Service}.${Port}`

type IsUnion<T, All = T> = T extends unknown ? ([All] extends [T] ? false : true) : never

/** Who names ports, for messages. */
export interface NamingOptions {
  /** Begins the messages: `openSession: ports`. */
  readonly what?: string
  readonly refuse?: Refuse
  /** How numbers are written. */
  readonly form?: string
}

const IN_CLUSTER = "the cluster's ports"
export const HOW_TO_NAME =
  "Write integers from 1 to 65535 by SERVICE or SERVICE.PORT: { ssh: 20059, 'ldap.ldaps': 10636 }. The session chooses the numbers of all other ports."

/** The numbers of a cluster's ports that are not chosen by the session, by `SERVICE.PORT`. */
export function namedPorts({
  services,
  ports,
}: Pick<ClusterDefinition, 'services' | 'ports'>): Readonly<Record<string, number>> {
  const ofServices = Object.entries(services).flatMap(([service, { ports }]) =>
    Object.entries(givenNumbers(ports)).map(([port, number]) => [`${service}.${port}`, number]),
  )
  return { ...Object.fromEntries(ofServices), ...(ports as Readonly<Record<string, number>>) }
}

/**
 * Checks the numbers that somebody gives to ports of a cluster.
 * @returns the numbers by `SERVICE.PORT`
 * @throws what `refuse` throws; ClusterError `INVALID_DEFINITION` by default
 */
export function checkedPorts(
  services: Services,
  given: unknown,
  { what = IN_CLUSTER, refuse = refuseFor(undefined), form = HOW_TO_NAME }: NamingOptions = {},
): Readonly<Record<string, number>> {
  if (given === undefined) return {}
  if (!isPlain(given)) return refuse(`${what}: ${shown(given)} is not an object`, form)
  const numbers: Record<string, number> = {}
  for (const [name, number] of Object.entries(given)) {
    if (number === undefined) continue
    const port = fullName(services, name, (message, fix) => refuse(`${what}: ${message}`, fix))
    const problem = portProblem(number)
    if (problem) refuse(`${what}: ${name} is ${shown(number)}, which ${problem}`, form)
    if (Object.hasOwn(numbers, port))
      refuse(`${what}: ${port} has two numbers`, `Remove one of ${port.split('.')[0]} and ${port}.`)
    numbers[port] = number as number
  }
  return numbers
}

/** Checks that no two ports with the same address have the same number. */
export function checkDistinct(
  cluster: Pick<ClusterDefinition, 'services' | 'hosts' | 'ports'>,
  { what = IN_CLUSTER, refuse = refuseFor(undefined) }: NamingOptions = {},
): void {
  const names = new Map<string, string>()
  for (const [name, number] of Object.entries(namedPorts(cluster))) {
    const [service = ''] = name.split('.')
    const key = `${hostOf(cluster.hosts, service)?.host ?? ''} ${number}`
    const other = names.get(key)
    if (other)
      refuse(`${what}: ${other} and ${name} have the same number, ${number}`, 'Change one of them.')
    names.set(key, name)
  }
}

/** `SERVICE.PORT` for a name that may be that of the service alone. */
function fullName(services: Services, name: string, refuse: Refuse): string {
  // Names of services and ports have no dot
  const [service = '', port, ...more] = name.split('.')
  const found = own(services, service)
  if (!found) {
    const fix = suggestService(service, Object.keys(services))
    return refuse(`the cluster has no service ${quoted(service)}`, fix)
  }
  const names = portNames(found.ports)
  const all = names.map((each) => `${service}.${each}`)
  if (names.length === 0) return refuse(`${service} has no ports`, `Remove ${quoted(name)}.`)
  if (port === undefined) {
    const [only = '', ...others] = all
    if (others.length === 0) return only
    return refuse(`${service} has ${all.length} ports`, `Name one of them: ${all.join(', ')}.`)
  }
  if (more.length === 0 && names.includes(port)) return `${service}.${port}`
  const near = nearest(port, names)
  return refuse(
    `${service} has no port ${quoted([port, ...more].join('.'))}`,
    `${near ? `Did you mean ${service}.${near}? ` : ''}The ports of ${service}: ${all.join(', ')}.`,
  )
}

function quoted(name: string): string {
  return `'${shown(name).slice(1, -1)}'`
}
