import { symlink } from 'node:fs/promises'
import { createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { vi } from 'vitest'
import { temporaryDirectory } from './temporary.ts'

/**
 * Puts a relay before the bus of the user's manager, so that a test can end the connection without harm to the user.
 * Returns a function that ends the relay.
 */
export async function relayedBus(): Promise<() => void> {
  const real = process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.()}`
  const runtime = await temporaryDirectory()
  await symlink(join(real, 'systemd'), join(runtime, 'systemd'))
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const bus = createConnection(join(real, 'bus'))
    client.pipe(bus).pipe(client)
    for (const socket of [client, bus]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(join(runtime, 'bus'), resolve))
  vi.stubEnv('XDG_RUNTIME_DIR', runtime)
  return () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
}
