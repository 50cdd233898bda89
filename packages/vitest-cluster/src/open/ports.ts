import type { Services } from '../definition/cluster.ts'
import { type ReservedPort, reservePort } from '../ports/reserve.ts'

/** The ports of a session by `SERVICE.PORT`. */
export type Ports = Map<string, ReservedPort>

/** Reserves a port for each port name of a service. After a rejection, `ports` has those that were reserved before. */
export async function reservePorts(services: Services, ports: Ports): Promise<void> {
  for (const [name, service] of Object.entries(services)) {
    for (const port of service.ports ?? []) ports.set(`${name}.${port}`, await reservePort())
  }
}

/** Replaces a port by another one. */
export async function replacePort(ports: Ports, service: string, port: string): Promise<void> {
  const key = `${service}.${port}`
  ports.get(key)?.release()
  ports.set(key, await reservePort())
}

export function releasePorts(ports: Ports): void {
  for (const port of ports.values()) port.release()
}

/** Each service's ports by the names that its definition gives them. */
export function portNumbers(
  services: Services,
  ports: Ports,
): Record<string, Record<string, number>> {
  const entries = Object.entries(services).map(([name, service]) => {
    const numbers = (service.ports ?? []).map((port: string) => [
      port,
      ports.get(`${name}.${port}`)?.number ?? 0,
    ])
    return [name, Object.fromEntries(numbers)] as const
  })
  return Object.fromEntries(entries)
}
