import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** What had gone over a connection when a test began. */
interface Begin {
  readonly port: number
  readonly written: number
  readonly read: number
}

/** The connections of this process, from when they are made until they are closed. */
const open = new Map<Socket, number>()
const watchers = new Set<ClientSockets>()

// Every client of Node's own makes its sockets by node:net: fetch, node:http, ldapts
subscribe('net.client.socket', (message) => {
  const { socket } = message as { readonly socket: Socket }
  socket.once('connect', () => {
    const { remotePort: port } = socket
    if (port === undefined) return
    open.set(socket, port)
    for (const watcher of watchers) watcher.begin(socket, { port, written: 0, read: 0 })
    socket.once('close', () => open.delete(socket))
  })
})

/** The connections of this process while a test runs. */
export class ClientSockets {
  readonly #begins = new Map<Socket, Begin>()

  constructor() {
    for (const [socket, port] of open)
      this.begin(socket, { port, written: socket.bytesWritten, read: socket.bytesRead })
    watchers.add(this)
  }

  begin(socket: Socket, begin: Begin): void {
    this.#begins.set(socket, begin)
  }

  /** Connections that are made from now on are another test's. */
  end(): void {
    watchers.delete(this)
  }

  /** Bytes that were sent to these ports over connections on which nothing came back since the test began. */
  unreplied(ports: readonly number[]): number {
    let bytes = 0
    for (const [socket, { port, written, read }] of this.#begins) {
      if (ports.includes(port) && socket.bytesRead === read) bytes += socket.bytesWritten - written
    }
    return bytes
  }
}
