import getPort from 'get-port'
import { ClusterError } from '../errors.ts'
import { type Lock, listen, lock } from './lock.ts'
import { ephemeralPorts } from './range.ts'

/** The address of services that are not on a host. Their ports are those of the whole machine: they may listen on 0.0.0.0. */
export const LOOPBACK = '127.0.0.1'

/** A port that no other session of this machine will choose until it is released or this process ends. */
export interface ReservedPort extends Lock {
  readonly number: number
}

const LOWEST = 10_000
const ATTEMPTS = 200
/** Ports from {@link LOWEST} on that fetch() and browsers refuse (https://fetch.spec.whatwg.org/#port-blocking). */
const REFUSED = [10_080]

/**
 * Chooses a TCP port that is free on all addresses of IPv4 and IPv6, below the ephemeral range (ip(7),
 * ip_local_port_range) so that no outgoing connection uses it, and locks it against every other session. The package
 * get-port locks only within its own process.
 * @param except numbers that it may not have
 * @throws ClusterError `NO_PORT`
 */
export async function reservePort(except: readonly number[] = []): Promise<ReservedPort> {
  const highest = await belowEphemeral()
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const number = LOWEST + Math.floor(Math.random() * (highest - LOWEST + 1))
    if (REFUSED.includes(number) || except.includes(number)) continue
    const isFree = async () => (await getPort({ port: number })) === number
    const port = await reserveIf(number, LOOPBACK, isFree)
    if (port) return port
  }
  throw new ClusterError({
    code: 'NO_PORT',
    message: `no free port found between ${LOWEST} and ${highest} in ${ATTEMPTS} attempts`,
    fix: 'Check which programs listen there (ss -ltnp), and end old sessions (npx vitest-cluster list).',
  })
}

/**
 * Reserves this port of an address: undefined if a session has locked it there, or a socket uses it. Of `127.0.0.1` as
 * {@link reservePort} does; on a host's address, no other address counts.
 */
export async function reserveNumber(
  number: number,
  address = LOOPBACK,
): Promise<ReservedPort | undefined> {
  // get-port refuses a port for some seconds after it has returned it
  return reserveIf(number, address, async () => !(await isTaken(number, address)))
}

async function reserveIf(
  number: number,
  address: string,
  isFree: () => Promise<boolean>,
): Promise<ReservedPort | undefined> {
  const held = await lock(lockName(number, address))
  if (!held) return undefined
  if (await isFree()) return { number, ...held }
  held.release()
  return undefined
}

/** The name of the lock of a port. */
export function lockName(number: number, address: string): string {
  return `vitest-cluster/port/${address === LOOPBACK ? '' : `${address}:`}${number}`
}

/**
 * Whether a program listens on the port now: on any address, because a service may listen on all of them. The services of
 * a session have the same ports on different hosts: on a host's address no other address counts.
 */
export async function isTaken(port: number, address = LOOPBACK): Promise<boolean> {
  // Without a host Node listens on `::`, which includes IPv4, or on 0.0.0.0 where there is no IPv6
  const server = await listen({ port, ...(address !== LOOPBACK && { host: address }) })
  server?.close()
  return server === undefined
}

async function belowEphemeral(): Promise<number> {
  const [first] = await ephemeralPorts()
  // A machine whose ephemeral range begins at 1024 has no ports below it
  return first > LOWEST + 1000 ? first - 1 : 32_767
}
