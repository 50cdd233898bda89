import type { ClusterDefinition } from '../definition/cluster.ts'
import { hostOf } from '../definition/host.ts'
import { portNames } from '../definition/ports.ts'
import { placeOf, type SessionGround } from '../plan/session-plan.ts'
import { lowestPort } from '../ports/range.ts'
import { type ReservedPort, reserveNumber, reservePort } from '../ports/reserve.ts'
import { privileged, unavailable } from './unavailable-port.ts'

/** The ports of a session by `SERVICE.PORT`. */
export type Ports = Map<string, ReservedPort>

/**
 * Reserves the ports whose numbers the definition has. After a rejection, `ports` has those that were reserved before.
 * @param named the numbers by `SERVICE.PORT`
 * @throws ClusterError `PORT_UNAVAILABLE`
 */
export async function reserveNamed(
  named: Readonly<Record<string, number>>,
  hosts: SessionGround['hosts'],
  ports: Ports,
): Promise<void> {
  for (const [name, number] of Object.entries(named)) {
    const lowest = await lowestPort()
    if (number < lowest) throw privileged(name, number, lowest)
    const [service = ''] = name.split('.')
    const { address } = placeOf({ hosts }, service)
    const port = await reserveNumber(number, address)
    if (!port) throw await unavailable(name, { number, address })
    ports.set(name, port)
  }
}

/** The same for a plan of a session that is not opened: a session may use these ports now. */
export function assumeNamed(named: Readonly<Record<string, number>>, ports: Ports): void {
  for (const [name, number] of Object.entries(named))
    ports.set(name, { number, descriptor: -1, release: () => {} })
}

/**
 * Reserves all other ports. After a rejection, `ports` has those that were reserved before. Services of one name have the
 * same ports on all hosts, as on machines: each host has an address of its own.
 */
export async function reservePorts(
  { services, hosts }: Pick<ClusterDefinition, 'services' | 'hosts'>,
  ports: Ports,
): Promise<void> {
  const shared: Ports = new Map()
  for (const [name, service] of Object.entries(services)) {
    const place = hostOf(hosts, name)
    for (const port of portNames(service.ports)) {
      const key = `${name}.${port}`
      if (ports.has(key)) continue
      const ofAll = `${place?.name}.${port}`
      const reserved = (place && shared.get(ofAll)) ?? (await reserveOther(ports))
      ports.set(key, reserved)
      if (place) shared.set(ofAll, reserved)
    }
  }
}

/** Replaces a port by another one, for all services that share it. */
export async function replacePort(ports: Ports, service: string, port: string): Promise<void> {
  const lost = ports.get(`${service}.${port}`)
  lost?.release()
  const other = await reserveOther(ports)
  for (const [key, each] of ports) if (each === lost) ports.set(key, other)
}

/** A port with another number than these: a number that is named on a host is locked on its address only. */
function reserveOther(ports: Ports): Promise<ReservedPort> {
  return reservePort([...ports.values()].map(({ number }) => number))
}

/** Each service's ports by the names that its definition gives them. */
export function portNumbers(
  { services }: Pick<ClusterDefinition, 'services'>,
  ports: Ports,
): Record<string, Record<string, number>> {
  const entries = Object.entries(services).map(([name, service]) => {
    const numbers = portNames(service.ports).map((port) => [
      port,
      ports.get(`${name}.${port}`)?.number ?? 0,
    ])
    return [name, Object.fromEntries(numbers)] as const
  })
  return Object.fromEntries(entries)
}
