import { connect, createServer, type Server, type Socket } from 'node:net'
import { errnoOf } from '../errors.ts'

/**
 * Works while no other process stops, starts or restarts these services of a session. Each lock is an abstract Unix
 * socket (unix(7)): the kernel gives it to one process, and takes it back when that ends, however it ends. Who waits
 * is connected to the holder, and so hears of the end at once.
 */
export async function whileLocked<T>(
  session: string,
  services: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const locks: Lock[] = []
  try {
    // In one order for all: no two wait for each other
    for (const name of services.toSorted())
      locks.push(await take(`\0vitest-cluster/${session}/${name}`))
    return await work()
  } finally {
    for (const lock of locks) lock.release()
  }
}

interface Lock {
  release(): void
}

async function take(path: string): Promise<Lock> {
  for (;;) {
    const lock = await listen(path)
    if (lock) return lock
    await released(path)
  }
}

/** Undefined where another has the name. */
function listen(path: string): Promise<Lock | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Lock | undefined>()
  const waiting = new Set<Socket>()
  const server: Server = createServer((socket) => {
    waiting.add(socket)
    socket.once('error', () => {}).once('close', () => waiting.delete(socket))
  })
  const release = () => {
    server.close()
    for (const socket of waiting) socket.destroy()
  }
  server.once('error', (error) =>
    errnoOf(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error),
  )
  server.listen(path, () => resolve({ release }))
  return promise
}

/** Resolves when the holder may have let go. */
function released(path: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  connect(path)
    .once('error', () => {})
    .once('close', () => resolve())
    .resume()
  return promise
}
