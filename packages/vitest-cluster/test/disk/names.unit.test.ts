import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bytesOf,
  nameOf,
  namesIn,
  pathOf,
  pathOfUrl,
  quoted,
  readable,
  targetOf,
  tooLong,
} from '../../src/disk/names.ts'
import { scratchDirectory } from '../helpers/temporary.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

test("a name's bytes are decoded as UTF-8, and each invalid byte as a surrogate", () => {
  expect(nameOf(bytes('caf\xe9'))).toBe('caf\udce9')
  expect(nameOf(bytes('\xff\xc3\xa9\xc3'))).toBe('\udcffé\udcc3')
  // Also not UTF-8: a surrogate, an overlong encoding, a code point beyond Unicode
  expect(nameOf(bytes('\xed\xb2\x80'))).toBe('\udced\udcb2\udc80')
  expect(nameOf(bytes('\xc0\xaf\xf4\x90\x80\x80'))).toBe('\udcc0\udcaf\udcf4\udc90\udc80\udc80')
  expect(nameOf(bytes('\xf0\x9f\x98\x80\xe9'))).toBe('😀\udce9')
})

test('every name survives decoding, JSON and encoding, and different names have different texts', () => {
  const name = fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array))
  fc.assert(
    fc.property(name, name, (one, other) => {
      const text = JSON.parse(JSON.stringify(nameOf(one)))
      expect(bytesOf(text)).toEqual(one)
      expect(text === nameOf(other)).toBe(one.equals(other))
    }),
    { seed: 20261128, numRuns: 2000 },
  )
})

test('directories and links with names that are not UTF-8 can be read and created', async () => {
  const directory = await scratchDirectory()
  const names = ['caf\udce9', 'é', 'e\u0301', 'a\nb', '\ufffd', '\udcff']
  for (const name of names) await writeFile(pathOf(join(directory, name)), '')
  expect(namesIn(directory).sort()).toEqual([...names].sort())
  await mkdir(pathOf(join(directory, 'd\udce9')))
  await symlink(pathOf('to\udce9'), pathOf(join(directory, 'd\udce9/link')))
  expect(targetOf(join(directory, 'd\udce9/link'))).toBe('to\udce9')
  expect(await readdir(directory)).toHaveLength(7)
})

test('the path of a file: URL may have bytes that are not UTF-8', () => {
  expect(pathOfUrl(pathToFileURL('/srv/é %'))).toBe('/srv/é %')
  expect(pathOfUrl(new URL('file:///srv/caf%E9/%C3%A9'))).toBe('/srv/caf\udce9/é')
  expect(() => pathOfUrl(new URL('https://example.org/a'))).toThrow(TypeError)
})

test('quoted() and readable() escape special characters and bytes', () => {
  expect(quoted('caf\udce9')).toBe('"caf\\351"')
  expect(quoted('a\n"b\\c')).toBe('"a\\n\\"b\\\\c"')
  expect(readable('file etc/caf\udce9')).toBe('file etc/caf\\351')
  expect(quoted('x'.repeat(3_000)).length).toBeLessThan(200)
})

test('tooLong() explains which part of a path exceeds a limit', () => {
  expect(tooLong(`a/${'x'.repeat(255)}`)).toBeUndefined()
  expect(tooLong(`a/${'é'.repeat(128)}/b`)).toMatch(/^has a name of 256 bytes/)
  expect(tooLong('ab/'.repeat(1_166))).toBeUndefined()
  expect(tooLong('ab/'.repeat(1_167))).toMatch(/^has 3501 bytes/)
})
