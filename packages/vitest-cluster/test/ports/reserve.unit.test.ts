import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { isTaken, reservePort } from '../../src/ports/reserve.ts'

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
