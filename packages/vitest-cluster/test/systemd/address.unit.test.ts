import fc from 'fast-check'
import { expect, test } from 'vitest'
import { busAddress, socketOf } from '../../src/systemd/address.ts'

test("a socket's path is escaped as the D-Bus specification says, and read back", () => {
  expect(busAddress('/tmp/vitest-cluster-0/a_b.c*/bus')).toBe(
    'unix:path=/tmp/vitest-cluster-0/a_b.c*/bus',
  )
  expect(busAddress('/100%/f%2Fx/a,b;c=d:e f/ä')).toBe(
    'unix:path=/100%25/f%252Fx/a%2cb%3bc%3dd%3ae%20f/%c3%a4',
  )
  const path = fc.string({ unit: 'grapheme', minLength: 1 })
  fc.assert(
    fc.property(path, (text) => {
      expect(busAddress(text)).toMatch(/^unix:path=(?:[-0-9A-Za-z_/.*]|%[0-9a-f]{2})+$/)
      expect(socketOf(busAddress(text))).toBe(text)
    }),
  )
})

test('the socket is found in any D-Bus address, if it has one', () => {
  expect(socketOf('unix:path=/run/user/1000/bus,guid=1f')).toBe('/run/user/1000/bus')
  expect(socketOf('unix:path=/run/a%2Cb;unix:path=/run/c')).toBe('/run/a,b')
  for (const none of ['', 'unix:path=', 'unix:abstract=/tmp/x', 'tcp:host=a', 'unix:path=/100%'])
    expect(socketOf(none)).toBe(undefined)
})
