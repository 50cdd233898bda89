import type { ClusterDefinition } from '../definition/cluster.ts'
import { hostOf } from '../definition/host.ts'
import { type ReservedPort, reservePort } from '../ports/reserve.ts'

/** The ports of a session by {@link keyOf}. */
export type Ports = Map<string, ReservedPort>

/** Reserves a port for each port name of a service. After a rejection, `ports` has those that were reserved before. */
export async function reservePorts(cluster: ClusterDefinition, ports: Ports): Promise<void> {
  for (const [name, service] of Object.entries(cluster.services)) {
    for (const port of service.ports ?? []) {
      const key = keyOf(cluster, name, port)
      if (!ports.has(key)) ports.set(key, await reservePort())
    }
  }
}

/** Services of one name have the same ports on all hosts, as on machines: each host has an address of its own. */
function keyOf({ hosts }: ClusterDefinition, service: string, port: string): string {
  const place = hostOf(hosts, service)
  return place ? `*-${place.name}.${port}` : `${service}.${port}`
}

/** Replaces a port by another one. */
export async function replacePort(
  cluster: ClusterDefinition,
  ports: Ports,
  service: string,
  port: string,
): Promise<void> {
  const key = keyOf(cluster, service, port)
  ports.get(key)?.release()
  ports.set(key, await reservePort())
}

export function releasePorts(ports: Ports): void {
  for (const port of ports.values()) port.release()
}

/** Each service's ports by the names that its definition gives them. */
export function portNumbers(
  cluster: ClusterDefinition,
  ports: Ports,
): Record<string, Record<string, number>> {
  const entries = Object.entries(cluster.services).map(([name, service]) => {
    const numbers = (service.ports ?? []).map((port: string) => [
      port,
      ports.get(keyOf(cluster, name, port))?.number ?? 0,
    ])
    return [name, Object.fromEntries(numbers)] as const
  })
  return Object.fromEntries(entries)
}
