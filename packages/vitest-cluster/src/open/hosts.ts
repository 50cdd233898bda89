import type { Hosts } from '../definition/host.ts'
import { ClusterError } from '../errors.ts'
import type { HostPlan } from '../plan/session-plan.ts'
import type { Lock } from '../ports/lock.ts'
import { leaseNetwork } from '../ports/network.ts'

/** How many addresses a network has for hosts: the first and the last are not for them. */
const MOST = 254

/**
 * Gives each host its address. Those without one in the definition get addresses of a network that no other session has.
 * @param held gets the lease of the network
 * @throws ClusterError `NO_ADDRESS`, `INVALID_DEFINITION`
 */
export async function planHosts(
  hosts: Hosts = {},
  held: Lock[],
): Promise<Record<string, HostPlan>> {
  const all = Object.values(hosts)
  const without = all.filter(({ address }) => address === undefined)
  const free = without.length > 0 ? await leaseAddresses(all, held) : []
  if (free.length < without.length) throw tooMany(without.length, free.length)
  const unused = free.values()
  return Object.fromEntries(
    Object.entries(hosts).map(([name, { address, services }]) => [
      name,
      { address: address ?? unused.next().value ?? '', services },
    ]),
  )
}

/** The addresses of a network that the definition does not name. */
async function leaseAddresses(hosts: readonly Hosts[string][], held: Lock[]): Promise<string[]> {
  const network = await leaseNetwork()
  held.push(network)
  const named = new Set(hosts.map(({ address }) => address))
  return Array.from({ length: MOST }, (_, index) => `${network.prefix}.${index + 1}`).filter(
    (address) => !named.has(address),
  )
}

function tooMany(hosts: number, addresses: number): ClusterError {
  return new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `the cluster has ${hosts} hosts without an address, and a session has ${addresses} addresses to choose from`,
    fix: "Give the others an address: hosts: { web0: { address: '127.0.1.1' } }.",
  })
}
