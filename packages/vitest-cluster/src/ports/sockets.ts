import { readdir, readFile, readlink } from 'node:fs/promises'

/** A socket as the kernel's tables have it (proc(5), /proc/net/tcp, tcp6, udp and udp6). */
export interface Socket {
  /** The local address in hexadecimal digits: 8 of IPv4, 32 of IPv6, each word in the byte order of the machine. */
  readonly address: string
  /** The local port. */
  readonly port: number
  readonly state: 'listening' | 'established' | 'closed by its client' | 'ended' | 'other'
  /** Bytes in its receive queue; of a listening socket the connections that were not accepted. */
  readonly waiting: number
  /** The user who opened it. */
  readonly uid: number
  readonly inode: string
}

type Protocol = 'tcp' | 'udp'

const STATES: Readonly<Record<string, Socket['state']>> = {
  '01': 'established',
  // TIME_WAIT: it keeps its port for a minute
  '06': 'ended',
  '08': 'closed by its client',
  '0A': 'listening',
}

/** The sockets of IPv4 and IPv6 in a text with tables of proc(5). Pure. */
export function parseSockets(tables: string): Socket[] {
  return tables.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/)
    const [, local = '', , state = '', queues = ''] = fields
    const [address = '', port] = local.split(':')
    if (port === undefined) return []
    const waiting = Number.parseInt(queues.split(':')[1] ?? '', 16) || 0
    return [
      {
        address,
        port: Number.parseInt(port, 16),
        state: STATES[state] ?? 'other',
        waiting,
        uid: Number(fields[7]),
        inode: fields[9] ?? '',
      },
    ]
  })
}

/**
 * The sockets in the network namespace of a process: a booted tree may have its own. The connections of a service that
 * listens on `::` are in the table of IPv6, also if its clients use IPv4.
 */
export async function socketsOf(
  pid: number | undefined,
): Promise<Readonly<Record<Protocol, readonly Socket[]>>> {
  const of = async (process: number | 'self') => {
    const [tcp, tcp6, udp, udp6] = await Promise.all(
      ['tcp', 'tcp6', 'udp', 'udp6'].map((name) => table(name, process)),
    )
    return tcp && { tcp: parseSockets(`${tcp}${tcp6}`), udp: parseSockets(`${udp}${udp6}`) }
  }
  // The process may have ended since
  return (await of(pid ?? 'self')) || (await of('self')) || { tcp: [], udp: [] }
}

/**
 * Whether one of the processes has a socket that accepts connections to the port of an address (proc(5),
 * /proc/PID/fd). The caller must own the processes, or their user namespaces.
 */
export async function listensOn(
  address: string,
  port: number,
  pids: readonly number[],
): Promise<boolean> {
  const held = (await Promise.all(pids.map(socketInodes))).flat()
  // Each table takes milliseconds to read, and most services are in the first
  for (const name of ['tcp', 'tcp6']) {
    const inodes = listeningInodes(await table(name), address, port)
    if (held.some((inode) => inodes.includes(inode))) return true
  }
  return false
}

/** Inodes of the sockets that accept connections to a port of an address of IPv4. Pure. */
export function listeningInodes(tables: string, address: string, port: number): string[] {
  return parseSockets(tables)
    .filter((socket) => socket.state === 'listening' && socket.port === port)
    .filter((socket) => accepts(socket, address))
    .map(({ inode }) => inode)
}

/**
 * Whether a socket is bound to an address of IPv4 or to all: to 0.0.0.0, the address, `::`, or the first two as
 * IPv4-mapped addresses, in either byte order. The tables do not show whether a socket on `::` accepts IPv4; by default it
 * does (ipv6(7), IPV6_V6ONLY). Pure.
 */
export function accepts(socket: Socket, address: string): boolean {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'))
  const [big, little] = [bytes, bytes.toReversed()].map((each) => each.join('').toUpperCase())
  return new RegExp(
    `^(0{8}|${little}|${big}|0{32}|0{16}FFFF0000(0{8}|${little})|0{20}FFFF(0{8}|${big}))$`,
  ).test(socket.address)
}

/** Whether a socket is bound to all addresses of IPv4. Pure. */
export function isOnAll(socket: Socket): boolean {
  return accepts(socket, '0.0.0.0')
}

// A machine without IPv6 has no table of it
async function table(name: string, process: number | 'self' = 'self'): Promise<string> {
  return readFile(`/proc/${process}/net/${name}`, 'utf8').catch(() => '')
}

export async function socketInodes(pid: number): Promise<string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(
    descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  )
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}
