import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Member } from '../../../src/tree/archive/member.ts'
import { scanTar } from '../../../src/tree/archive/scan.ts'
import { padding, writeHeader } from '../../../src/tree/archive/tar.ts'
import { temporaryDirectory } from '../../helpers/temporary.ts'
import { tar } from '../tars.ts'

const ENTRIES = [['etc/'], ['etc/large', 'x'.repeat(100_000)], ['bin', '-> usr/bin']] as const

async function scan(bytes: Buffer, visit: (member: Member) => void): Promise<number> {
  const file = join(await temporaryDirectory(), 'tar')
  await writeFile(file, bytes)
  return scanTar(file, visit)
}

async function scanned(bytes: Buffer, visit: (name: string) => void = () => {}) {
  const names: string[] = []
  const count = scan(bytes, ({ name }) => {
    names.push(name)
    visit(name)
  })
  return { names, count: await count.catch((error: unknown) => error) }
}

test('scan() visits every member in order, and returns their number', async () => {
  expect(await scanned(await tar(...ENTRIES))).toEqual({
    names: ['etc/', 'etc/large', 'bin'],
    count: 3,
  })
})

test('an error thrown by the visitor ends the scan', async () => {
  const stop = new Error('stop')
  const { names, count } = await scanned(await tar(...ENTRIES), (name) => {
    if (name === 'etc/large') throw stop
  })
  expect(names).toEqual(['etc/', 'etc/large'])
  expect(count).toBe(stop)
})

test('a truncated tar, and a file that is not a tar, are errors', async () => {
  const whole = await tar(...ENTRIES)
  // All members, without the two blocks of zeros after them
  expect((await scanned(whole.subarray(0, -1_024))).count).toMatchObject({
    message: 'the end of the archive is missing',
  })
  expect((await scanned(whole.subarray(0, 50_000))).count).toBeInstanceOf(Error)
  expect((await scanned(Buffer.from('<html>'.repeat(200)))).count).toBeInstanceOf(Error)
})

test('a tar older than POSIX is read', async () => {
  const old = await tar(['a', 'x'])
  // Without `ustar`: the header's checksum is the sum of its bytes, with the checksum field counted as blanks
  old.fill(0, 257, 512)
  old.fill(' ', 148, 156)
  const sum = old.subarray(0, 512).reduce((all, byte) => all + byte, 0)
  old.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  expect(await scanned(old)).toEqual({ names: ['a'], count: 1 })
})

async function members(...parts: readonly Buffer[]): Promise<Member[]> {
  const found: Member[] = []
  await scan(Buffer.concat([...parts, END]), (member) => found.push(member))
  return found
}
const END = Buffer.alloc(1_024)
const OWNER = { mode: 0o644, uid: 7, gid: 65_535 }

test('names are read as bytes from every header', async () => {
  const long = `${'d\udce9/'.repeat(80)}x`
  expect(
    await members(
      writeHeader({ ...OWNER, name: 'caf\udce9', type: 'file', size: 0 }),
      writeHeader({ ...OWNER, name: long, type: 'symlink', linkname: `${long}\udcff`, size: 0 }),
      writeHeader({ ...OWNER, name: 'é'.repeat(50), type: 'directory', size: 0 }),
    ),
  ).toMatchObject([
    { name: 'caf\udce9', type: 'file', uid: 7, gid: 65_535 },
    { name: long, linkname: `${long}\udcff`, type: 'symlink' },
    { name: 'é'.repeat(50), type: 'directory' },
  ])
  const pax = Buffer.concat([record('path=caf\xe9'), record('linkpath=\xff/\xc3\xa9')])
  const entry = await tar({ name: 'ascii', type: 'symlink', linkname: 'ascii' })
  expect(await members(paxHeader(pax), pax, padding(pax.length), entry)).toMatchObject([
    { name: 'caf\udce9', linkname: '\udcff/é' },
  ])
})

/** A record of a pax header. Its length includes the length field. */
function record(text: string): Buffer {
  const length = text.length + 3
  const all = length + (length > 9 ? 1 : 0)
  return Buffer.from(`${all} ${text}\n`, 'latin1')
}

/** A header of type x, with its checksum. */
function paxHeader(content: Buffer, type = 'x'): Buffer {
  const header = writeHeader({ ...OWNER, name: 'pax', type: 'file', size: content.length })
  header.write(type, 156)
  header.write(' '.repeat(8), 148)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

test("a member's pax header overrides the size in the global header", async () => {
  const [all, one] = [record('size=1048576'), record('size=3')]
  const file = writeHeader({ ...OWNER, name: 'a', type: 'file', size: 0 })
  const content = Buffer.from('xxx')
  expect(
    await members(
      ...[paxHeader(all, 'g'), all, padding(all.length)],
      ...[paxHeader(one), one, padding(one.length), file, content, padding(3)],
    ),
  ).toMatchObject([{ name: 'a', size: 3 }])
})

test('a truncated member and an invalid pax header are errors', async () => {
  const large = writeHeader({ ...OWNER, name: 'a', type: 'file', size: 9 * 2 ** 30 })
  await expect(members(large, Buffer.alloc(100_000))).rejects.toThrow('unexpected end of data')
  const half = large.subarray(0, 500)
  await expect(scan(half, () => {})).rejects.toThrow('unexpected end of data')
  for (const text of ['x=y\n', '99 path=a\n', '0 a=b\n', '7 =bcd\n']) {
    const content = Buffer.from(text)
    await expect(members(paxHeader(content), content, padding(content.length))).rejects.toThrow(
      'invalid pax header',
    )
  }
})
