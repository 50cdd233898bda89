import type { Hosts } from '../definition/host.ts'
import type { HostPlan } from '../plan/session-plan.ts'

/** The network of the addresses that the definition does not name. */
const NETWORK = '127.0.10'

/** Gives each host its address. Pure. */
export function planHosts(hosts: Hosts = {}): Record<string, HostPlan> {
  const named = new Set(Object.values(hosts).map(({ address }) => address))
  let next = 1
  const unused = () => {
    while (named.has(`${NETWORK}.${next}`)) next++
    return `${NETWORK}.${next++}`
  }
  return Object.fromEntries(
    Object.entries(hosts).map(([name, { address = unused(), services }]) => [
      name,
      { address, services },
    ]),
  )
}
