import { readFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { isTaken, reservePort } from '../../src/ports/reserve.ts'
import { child } from '../helpers/child.ts'
import { redis } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

/** Whether some process holds the lock of a port. */
function isLocked(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path: `\0vitest-cluster/port/${port}` })
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

test('ports are below the ephemeral range and above those of known services', async () => {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
  const lowest = Number.parseInt(range, 10)
  const ports = await Promise.all(Array.from({ length: 100 }, reservePort))
  for (const { number, release } of ports) {
    expect(number).toBeGreaterThanOrEqual(10_000)
    if (lowest > 11_000) expect(number).toBeLessThan(lowest)
    expect(await isTaken(number)).toBe(false)
    release()
  }
  expect(new Set(ports.map(({ number }) => number)).size).toBe(100)
})

test('a port is held against other processes until it is released, or its holder dies', async () => {
  // Of some 20 000 ports two processes that knew nothing of one another would share eight
  const own = await Promise.all(Array.from({ length: 400 }, reservePort))
  const { said: others, process, ended } = await child<number[]>('./reserves-ports.ts', '400')
  const numbers = own.map(({ number }) => number)
  expect(others).toHaveLength(400)
  expect(numbers.filter((number) => others.includes(number))).toEqual([])

  const [first = expect.unreachable()] = own
  const [other = expect.unreachable()] = others
  expect(await isLocked(first.number)).toBe(true)
  expect(await isLocked(other)).toBe(true)
  for (const { release } of own) release()
  process.kill('SIGKILL')
  await ended
  expect(await isLocked(first.number)).toBe(false)
  expect(await isLocked(other)).toBe(false)
})

test('a port that somebody listens on is taken, on whichever address of his', async () => {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const stranger = createServer()
    await new Promise<void>((resolve) => stranger.listen(0, host, resolve))
    const address = stranger.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    expect(await isTaken(port)).toBe(true)
    await new Promise((resolve) => stranger.close(resolve))
    expect(await isTaken(port)).toBe(false)
  }
})

test("a session's ports are locked for as long as it is up", async () => {
  const session = await up({ redis: redis() })
  const { port } = await session.handle('redis')
  expect(await isLocked(port)).toBe(true)
  await session.close()
  expect(await isLocked(port)).toBe(false)
  expect(await isTaken(port)).toBe(false)
})
