import { createConnection } from 'node:net'

/** Whether some process holds the lock of a port. */
export function isLocked(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path: `\0vitest-cluster/port/${port}` })
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
