import { createConnection } from 'node:net'

/** Whether some process holds the lock of a port: of its number, or of `ADDRESS:NUMBER` on a host. */
export function isLocked(port: number | string): Promise<boolean> {
  return isHeld(`port/${port}`)
}

/** Whether some process holds the lock of this name. */
export function isHeld(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path: `\0vitest-cluster/${name}` })
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
