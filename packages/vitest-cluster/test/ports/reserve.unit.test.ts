import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { isTaken, reservePort } from '../../src/ports/reserve.ts'
import { isLocked } from '../helpers/port-lock.ts'

test('a port on which another process listens is taken, on any address', async () => {
  const hosts = ['127.0.0.1', '0.0.0.0', '127.0.0.2', '::1', '::', '::ffff:127.0.0.1']
  for (const where of [...hosts.map((host) => ({ host })), { host: '::', ipv6Only: true }]) {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen({ port: 0, ...where }, resolve))
    const address = other.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    expect(await isTaken(port)).toBe(true)
    await new Promise((resolve) => other.close(resolve))
    expect(await isTaken(port)).toBe(false)
  }
})

afterEach(() => void vi.restoreAllMocks())

/** The highest port that may be chosen on this machine. */
async function highest(): Promise<number> {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
  const lowest = Number.parseInt(range, 10)
  return lowest > 11_000 ? lowest - 1 : 32_767
}

/** Makes all following choices the same port. Each call uses another port, since several runs may do so at once. */
async function fixChoice(): Promise<number> {
  const random = Math.random()
  vi.spyOn(Math, 'random').mockReturnValue(random)
  return 10_000 + Math.floor(random * ((await highest()) - 10_000 + 1))
}

test('a reserved port is not chosen again until it is released', async () => {
  const chosen = await fixChoice()
  const port = await reservePort()
  expect(port.number).toBe(chosen)
  expect(port.descriptor).toBeGreaterThan(2)
  expect(await isLocked(port.number)).toBe(true)
  await expect(reservePort()).rejects.toMatchObject({
    code: 'NO_PORT',
    details: {
      message: expect.stringMatching(/^no free port found between 10000 and \d+ in 200 attempts$/),
      fix: expect.stringContaining('ss -ltn'),
    },
  })
  port.release()
  expect(await isLocked(port.number)).toBe(false)
})

test('a port on which another process listens is neither chosen nor locked', async () => {
  const number = await fixChoice()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(number, '127.0.0.1', resolve))
  await expect(reservePort()).rejects.toMatchObject({ code: 'NO_PORT' })
  expect(await isLocked(number)).toBe(false)
  await new Promise((resolve) => other.close(resolve))
})

test('chosen ports are below the ephemeral range and above those of known services', async () => {
  const most = await highest()
  const ports = await Promise.all(Array.from({ length: 100 }, reservePort))
  for (const { number, release } of ports) {
    expect(number).toBeGreaterThanOrEqual(10_000)
    expect(number).toBeLessThanOrEqual(most)
    expect(await isTaken(number)).toBe(false)
    release()
  }
  expect(new Set(ports.map(({ number }) => number)).size).toBe(100)
})

test('a port that fetch() refuses is not chosen', async () => {
  // https://fetch.spec.whatwg.org/#port-blocking
  await expect(fetch('http://127.0.0.1:10080')).rejects.toMatchObject({
    cause: expect.objectContaining({ message: 'bad port' }),
  })
  const random = vi.spyOn(Math, 'random')
  random.mockReturnValueOnce(80.5 / ((await highest()) - 10_000 + 1))
  const port = await reservePort()
  port.release()
  expect(random.mock.calls.length).toBeGreaterThan(1)
  expect(port.number).not.toBe(10_080)
})
