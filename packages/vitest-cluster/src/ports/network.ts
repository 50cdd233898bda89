import { ClusterError } from '../errors.ts'
import { type Lock, lock } from './lock.ts'

/** A network of the loopback, of which no other session has an address until it is released or this process ends. */
export interface Network extends Lock {
  /** The first three numbers of its addresses: `127.0.10`. */
  readonly prefix: string
}

/** The third numbers of the networks. */
const [FIRST, LAST] = [10, 255]

/** Leases the first free network of 127.0.10.0/24 to 127.0.255.0/24. @throws ClusterError `NO_ADDRESS` */
export async function leaseNetwork(): Promise<Network> {
  for (let number = FIRST; number <= LAST; number++) {
    const prefix = `127.0.${number}`
    const held = await lock(`vitest-cluster/network/${prefix}`)
    if (held) return { prefix, ...held }
  }
  throw new ClusterError({
    code: 'NO_ADDRESS',
    message: `other sessions have all networks for addresses of hosts, 127.0.${FIRST}.0/24 to 127.0.${LAST}.0/24`,
    fix: 'End sessions (npx vitest-cluster list), or give each host an address: hosts: { web0: { address } }.',
  })
}
