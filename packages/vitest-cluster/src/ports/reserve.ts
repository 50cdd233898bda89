import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import getPort from 'get-port'
import { ClusterError, errnoOf } from '../errors.ts'

/** A port that no other session of this machine will choose until it is released or this process ends. */
export interface ReservedPort {
  readonly number: number
  /** The lock's descriptor, for a process that is to hold it instead. */
  readonly descriptor: number
  release(): void
}

const LOWEST = 10_000
const ATTEMPTS = 200
/** Ports from {@link LOWEST} on that fetch() and browsers refuse (https://fetch.spec.whatwg.org/#port-blocking). */
const REFUSED = [10_080]

/**
 * Chooses a TCP port below the ephemeral range (ip(7), ip_local_port_range), so that no outgoing connection takes it,
 * which is free on all addresses of IPv4 and IPv6, and holds it against every other session.
 *
 * The lock is an abstract Unix socket (unix(7)) named after the port: the kernel gives it to one process, shows it
 * to all in the same network namespace, which is just where ports are shared, and takes it back when the
 * process ends, however it ends. get-port alone knows only its own process.
 *
 * @throws ClusterError `NO_PORT`
 */
export async function reservePort(): Promise<ReservedPort> {
  const highest = await belowEphemeral()
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const number = LOWEST + Math.floor(Math.random() * (highest - LOWEST + 1))
    if (REFUSED.includes(number)) continue
    const lock = await hold(number)
    if (!lock) continue
    if ((await getPort({ port: number })) === number) {
      return { number, descriptor: descriptorOf(lock), release: () => void lock.close() }
    }
    lock.close()
  }
  throw new ClusterError({
    code: 'NO_PORT',
    message: `no free port found between ${LOWEST} and ${highest} in ${ATTEMPTS} tries`,
    fix: 'Check what listens there (ss -ltn), and end old sessions.',
  })
}

/** Whether something listens on the port now, on any address: a service may want all of them. */
export async function isTaken(port: number): Promise<boolean> {
  // Without a host Node takes `::`, which is both families, and 0.0.0.0 where there is no IPv6
  const server = await listen({ port })
  server?.close()
  return server === undefined
}

// HACK: Node tells a server's descriptor to nobody, and passes a server only to a child that is Node too:
// https://nodejs.org/api/child_process.html, "subprocess.send"
function descriptorOf(server: Server): number {
  return (server as unknown as { _handle: { fd: number } })._handle.fd
}

function hold(port: number): Promise<Server | undefined> {
  return listen({ path: `\0vitest-cluster/port/${port}` })
}

function listen(options: { path: string } | { port: number }): Promise<Server | undefined> {
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
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(
    () => '32768',
  )
  const lowest = Number.parseInt(range, 10)
  // A machine whose ephemeral range begins at 1024 leaves nothing below it
  return lowest > LOWEST + 1000 ? lowest - 1 : 32_767
}
