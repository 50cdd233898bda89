import type { Socket } from './sockets.ts'

/** The connections and bytes in the receive queues of the sockets with these local ports. Pure. */
export function queued(
  sockets: readonly Socket[],
  ports: readonly number[],
): { readonly connections: number; readonly bytes: number } {
  const sum = { connections: 0, bytes: 0 }
  for (const { state, waiting } of withPorts(sockets, ports)) {
    if (state === 'listening') sum.connections += waiting
    else if (state === 'established') sum.bytes += waiting
    else if (state === 'closed by its client' && !isEnd(waiting)) sum.bytes += waiting
  }
  return sum
}

/** Connections that the client has closed and the service has not closed, with nothing left to read. Pure. */
export function abandoned(sockets: readonly Socket[], ports: readonly number[]): number {
  return withPorts(sockets, ports).filter(
    ({ state, waiting }) => state === 'closed by its client' && isEnd(waiting),
  ).length
}

/** Whether datagrams are queued. Their number is unknown: the kernel counts the memory that they use. Pure. */
export function hasDatagrams(sockets: readonly Socket[], ports: readonly number[]): boolean {
  return withPorts(sockets, ports).some(({ waiting }) => waiting > 0)
}

/** Nothing, or the end of the connection alone: the kernel counts it as one byte. */
function isEnd(waiting: number): boolean {
  return waiting <= 1
}

function withPorts(sockets: readonly Socket[], ports: readonly number[]): readonly Socket[] {
  return sockets.filter(({ port }) => ports.includes(port))
}
