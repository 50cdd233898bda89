import { createServer, type Server } from 'node:net'
import { errnoOf } from '../errors.ts'

/** A name that no other process of this network namespace has until it is released or this process ends. */
export interface Lock {
  /** Its descriptor, for another process to inherit. */
  readonly descriptor: number
  release(): void
}

/**
 * Locks a name; undefined if it is locked. The lock is an abstract Unix socket (unix(7)) of this name. Only one process can
 * bind it, all processes of a network namespace share the names as they share ports, and the kernel frees the name when the
 * process ends, however it ends.
 */
export async function lock(name: string): Promise<Lock | undefined> {
  const server = await listen({ path: `\0${name}` })
  return server && { descriptor: descriptorOf(server), release: () => void server.close() }
}

/** A server that listens there and closes each connection; undefined if the name or the port is in use. */
export function listen(
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

// HACK: Node has no API for a server's descriptor, and passes servers only to children that are Node, too:
// https://nodejs.org/api/child_process.html, "subprocess.send"
function descriptorOf(server: Server): number {
  return (server as unknown as { _handle: { fd: number } })._handle.fd
}
