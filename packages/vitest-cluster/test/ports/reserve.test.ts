import { expect, test } from 'vitest'
import { isTaken, reservePort } from '../../src/ports/reserve.ts'
import { child } from '../helpers/child.ts'
import { isLocked } from '../helpers/port-lock.ts'
import { redis } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

test('a port is reserved until it is released or its process dies', async () => {
  // Of some 20 000 ports two processes without locks would share eight
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

test("a session's ports are locked for as long as it is up", async () => {
  const session = await up({ redis: redis() })
  const { port } = await session.handle('redis')
  expect(await isLocked(port)).toBe(true)
  await session.close()
  expect(await isLocked(port)).toBe(false)
  expect(await isTaken(port)).toBe(false)
})
