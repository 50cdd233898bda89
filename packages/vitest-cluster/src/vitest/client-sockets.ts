import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** The bytes of a connection when a test began. */
interface Begin {
  readonly port: number
  readonly written: number
  readonly read: number
}

/** The open connections of this process. */
const open = new Map<Socket, number>()
const watchers = new Set<ClientSockets>()

// All clients in JavaScript use node:net: fetch, node:http, ldapts
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

  /** Stops the watch: later connections belong to another test. */
  end(): void {
    watchers.delete(this)
  }

  /** Bytes sent to these ports since the test began, over connections that have received nothing since. */
  unreplied(ports: readonly number[]): number {
    let bytes = 0
    for (const [socket, { port, written, read }] of this.#begins) {
      if (ports.includes(port) && socket.bytesRead === read) bytes += socket.bytesWritten - written
    }
    return bytes
  }
}
