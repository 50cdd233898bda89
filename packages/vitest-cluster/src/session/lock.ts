import { connect, createServer, type Server, type Socket } from 'node:net'
import { ClusterError, errnoOf } from '../errors.ts'
import { clearTimeout, milliseconds, setTimeout } from '../timers.ts'

/** Milliseconds to wait for another process: longer than services take, and finite, for any program can take the name. */
const LIMIT = 600_000

/**
 * Works while no other process stops, starts or restarts these services of a session. Each lock is an abstract Unix
 * socket (unix(7)): the kernel gives it to one process, and frees it when that process ends. A process that waits is
 * connected to the holder, so it learns of the end at once.
 * @throws ClusterError `SESSION_BUSY` after `limit` milliseconds
 */
export async function whileLocked<T>(
  session: string,
  services: readonly string[],
  work: () => Promise<T>,
  limit = LIMIT,
): Promise<T> {
  const end = milliseconds() + limit
  const locks: Lock[] = []
  try {
    // In one order for all processes: no two wait for each other
    for (const name of services.toSorted()) {
      const path = `vitest-cluster/${session}/${name}`
      const lock = await take(`\0${path}`, end)
      if (!lock) throw busy(name, path, limit)
      locks.push(lock)
    }
    return await work()
  } finally {
    for (const lock of locks) lock.release()
  }
}

function busy(service: string, path: string, limit: number): ClusterError {
  return new ClusterError({
    code: 'SESSION_BUSY',
    service,
    message: `another process has been changing it for ${limit / 1000} s`,
    fix: `End that process: ss --listening --unix --processes | grep '@${path}' shows it.`,
  })
}

interface Lock {
  release(): void
}

/** Undefined where it was not free before the end. */
async function take(path: string, end: number): Promise<Lock | undefined> {
  for (;;) {
    const lock = await listen(path)
    if (lock) return lock
    const left = end - milliseconds()
    if (left <= 0) return undefined
    await released(path, left)
  }
}

/** Undefined where another process has the name. */
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

/** Resolves when the holder may have released it, after this many milliseconds at the latest. */
function released(path: string, limit: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const socket = connect(path)
  const timer = setTimeout(() => socket.destroy(), limit)
  socket
    .once('error', () => {})
    .once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    .resume()
  return promise
}
