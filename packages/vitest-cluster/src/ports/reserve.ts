import { createServer, type Server } from 'node:net'
import getPort from 'get-port'
import { ClusterError, errnoOf } from '../errors.ts'
import { ephemeralPorts } from './range.ts'

/** A port that no other session of this machine will choose until it is released or this process ends. */
export interface ReservedPort {
  readonly number: number
  /** The lock's descriptor, for another process to inherit. */
  readonly descriptor: number
  release(): void
}

const LOWEST = 10_000
const ATTEMPTS = 200
/** Ports from {@link LOWEST} on that fetch() and browsers refuse (https://fetch.spec.whatwg.org/#port-blocking). */
const REFUSED = [10_080]

/**
 * Chooses a TCP port that is free on all addresses of IPv4 and IPv6, below the ephemeral range (ip(7),
 * ip_local_port_range) so that no outgoing connection uses it, and locks it against every other session.
 *
 * The lock is an abstract Unix socket (unix(7)) named after the port. Only one process can bind that name, all processes
 * of a network namespace share the names as they share ports, and the kernel frees the name when the process ends,
 * however it ends. The package get-port locks only within its own process.
 *
 * @throws ClusterError `NO_PORT`
 */
export async function reservePort(): Promise<ReservedPort> {
  const highest = await belowEphemeral()
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const number = LOWEST + Math.floor(Math.random() * (highest - LOWEST + 1))
    if (REFUSED.includes(number)) continue
    const isFree = async () => (await getPort({ port: number })) === number
    const port = await reserveIf(number, isFree)
    if (port) return port
  }
  throw new ClusterError({
    code: 'NO_PORT',
    message: `no free port found between ${LOWEST} and ${highest} in ${ATTEMPTS} attempts`,
    fix: 'Check which programs listen there (ss -ltnp), and end old sessions (npx vitest-cluster list).',
  })
}

/** Reserves this port, as {@link reservePort} does; undefined if a session has locked it, or a socket uses it. */
export async function reserveNumber(number: number): Promise<ReservedPort | undefined> {
  // get-port refuses a port for some seconds after it has returned it
  return reserveIf(number, async () => !(await isTaken(number)))
}

async function reserveIf(
  number: number,
  isFree: () => Promise<boolean>,
): Promise<ReservedPort | undefined> {
  const lock = await hold(number)
  if (!lock) return undefined
  if (await isFree())
    return { number, descriptor: descriptorOf(lock), release: () => void lock.close() }
  lock.close()
  return undefined
}

/**
 * Whether a program listens on the port now: on any address, because a service may listen on all of them. The services of
 * a session have the same ports on different hosts: on a host's address no other address counts.
 */
export async function isTaken(port: number, address = '127.0.0.1'): Promise<boolean> {
  // Without a host Node listens on `::`, which includes IPv4, or on 0.0.0.0 where there is no IPv6
  const server = await listen({ port, ...(address !== '127.0.0.1' && { host: address }) })
  server?.close()
  return server === undefined
}

// HACK: Node has no API for a server's descriptor, and passes servers only to children that are Node, too:
// https://nodejs.org/api/child_process.html, "subprocess.send"
function descriptorOf(server: Server): number {
  return (server as unknown as { _handle: { fd: number } })._handle.fd
}

function hold(port: number): Promise<Server | undefined> {
  return listen({ path: `\0vitest-cluster/port/${port}` })
}

function listen(
  options: { path: string } | { port: number; host?: string },
): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.unref()
    server.once('error', (error) => {
      if (errnoOf(error) === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(options, () => resolve(server))
  })
}

async function belowEphemeral(): Promise<number> {
  const [first] = await ephemeralPorts()
  // A machine whose ephemeral range begins at 1024 has no ports below it
  return first > LOWEST + 1000 ? first - 1 : 32_767
}
