import { readFile } from 'node:fs/promises'

/** The kernel's sockets: lines of proc(5)'s /proc/net/tcp and tcp6, and of udp and udp6, after one line of head. */
export interface SocketTables {
  readonly tcp: string
  readonly udp: string
}

/**
 * The sockets of the network that a process is in, which a tree that boots may have for itself. A service that listens
 * on `::` has its connections in the table of IPv6, whatever its clients use.
 */
export async function socketTables(pid: number | undefined): Promise<SocketTables> {
  const of = async (process: number | 'self') => ({
    tcp: await joined(process, ['tcp', 'tcp6']),
    udp: await joined(process, ['udp', 'udp6']),
  })
  const own = await of(pid ?? 'self')
  // A process that has ended since has no network
  return own.tcp === '' ? of('self') : own
}

async function joined(process: number | 'self', names: readonly string[]): Promise<string> {
  const tables = await Promise.all(
    names.map((name) => readFile(`/proc/${process}/net/${name}`, 'utf8').catch(() => '')),
  )
  const [head = '', ...others] = tables
  return head + others.map((table) => table.slice(table.indexOf('\n') + 1)).join('')
}

/** What stands in the receive queues of the sockets with these local ports (proc(5), /proc/net/tcp). Pure. */
export function queued(
  table: string,
  ports: readonly number[],
): { readonly connections: number; readonly bytes: number } {
  const sum = { connections: 0, bytes: 0 }
  for (const { state, waiting } of socketsOf(table, ports)) {
    if (state === '0A') sum.connections += waiting
    // 01: established; 08: the client has closed its side
    else if (state === '01' || (state === '08' && !isEnd(waiting))) sum.bytes += waiting
  }
  return sum
}

/** Connections that the client has closed and the service has not, nothing being left to read. Pure. */
export function abandoned(table: string, ports: readonly number[]): number {
  return socketsOf(table, ports).filter(({ state, waiting }) => state === '08' && isEnd(waiting))
    .length
}

/** Whether datagrams wait. How many cannot be told: the kernel counts the memory that they take. Pure. */
export function hasDatagrams(table: string, ports: readonly number[]): boolean {
  return socketsOf(table, ports).some(({ waiting }) => waiting > 0)
}

/** Nothing, or the end of the connection alone: the kernel counts it as one byte. */
function isEnd(waiting: number): boolean {
  return waiting <= 1
}

function socketsOf(table: string, ports: readonly number[]) {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, queues = ''] = line.trim().split(/\s+/)
      if (!ports.includes(Number.parseInt(local.split(':')[1] ?? '', 16))) return []
      return [{ state, waiting: Number.parseInt(queues.split(':')[1] ?? '', 16) || 0 }]
    })
}
