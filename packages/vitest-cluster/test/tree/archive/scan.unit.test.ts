import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { scanTar } from '../../../src/tree/archive/scan.ts'
import { tar } from '../tars.ts'

const ENTRIES = [['etc/'], ['etc/large', 'x'.repeat(100_000)], ['bin', '-> usr/bin']] as const

async function scanned(bytes: Buffer, visit: (name: string) => void = () => {}) {
  const names: string[] = []
  const count = scanTar(Readable.from([bytes]), ({ name }) => {
    names.push(name)
    visit(name)
  })
  return { names, count: await count.catch((error: unknown) => error) }
}

test('every member in order, and how many there were', async () => {
  expect(await scanned(await tar(...ENTRIES))).toEqual({
    names: ['etc/', 'etc/large', 'bin'],
    count: 3,
  })
})

test('what the visitor throws ends the reading', async () => {
  const stop = new Error('stop')
  const { names, count } = await scanned(await tar(...ENTRIES), (name) => {
    if (name === 'etc/large') throw stop
  })
  expect(names).toEqual(['etc/', 'etc/large'])
  expect(count).toBe(stop)
})

test('what was cut off, and what is no tar, is an error', async () => {
  const whole = await tar(...ENTRIES)
  expect((await scanned(whole.subarray(0, 50_000))).count).toBeInstanceOf(Error)
  expect((await scanned(Buffer.from('<html>'.repeat(200)))).count).toBeInstanceOf(Error)
})

test('an older tar than POSIX’s is read', async () => {
  const old = await tar(['a', 'x'])
  // without `ustar`: the checksum of the header is the sum of its bytes, its own field counted as blanks
  old.fill(0, 257, 512)
  old.fill(' ', 148, 156)
  const sum = old.subarray(0, 512).reduce((all, byte) => all + byte, 0)
  old.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  expect(await scanned(old)).toEqual({ names: ['a'], count: 1 })
})
