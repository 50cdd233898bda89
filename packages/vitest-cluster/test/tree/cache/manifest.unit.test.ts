import { expect, test } from 'vitest'
import {
  digestLine,
  digestOf,
  fillDigests,
  fillKnown,
  type Line,
  parse,
  parseFind,
  render,
} from '../../../src/tree/cache/manifest.ts'

const line = (path: string, options: Partial<Line> = {}): Line => ({
  ...{ type: 'f', mode: '644', uid: '0', gid: '0', size: '5', mtime: '1.5', inode: '7' },
  ...{ content: '', path },
  ...options,
})
const [A, B] = ['a'.repeat(64), 'b'.repeat(64)] as const

test("find's output is parsed and sorted, with names of any kind", () => {
  const fields = [
    ...['f', '644', '0', '0', '5', '1.5', '7', '', 'b\nname'],
    ...['l', '777', '1', '2', '3', '1.5', '8', 'b', 'a\ttab'],
  ]
  const found = [
    line('a\ttab', {
      type: 'l',
      mode: '777',
      uid: '1',
      gid: '2',
      size: '3',
      inode: '8',
      content: 'b',
    }),
    line('b\nname'),
  ]
  expect(parseFind(Buffer.from(`${fields.join('\0')}\0`))).toEqual(found)
  expect(parseFind(Buffer.alloc(0))).toEqual([])
  // A truncated line is ignored
  expect(parseFind(Buffer.from(fields.slice(0, -1).join('\0')))).toEqual([found[1]])
})

test("a file's digest is reused if its inode, size and time are the same", () => {
  const known = [line('elsewhere', { content: A })]
  const contents = (...lines: Line[]) => fillKnown(lines, known).map(({ content }) => content)
  expect(
    contents(
      line('a'),
      line('b', { inode: '8' }),
      line('c', { size: '6' }),
      line('d', { mtime: '1.6' }),
    ),
  ).toEqual([A, '', '', ''])
  // A link's target is its own digest
  expect(contents(line('e', { type: 'l', content: 'x' }))).toEqual(['x'])
})

test('missing digests are read from the output of sha256sum', () => {
  const printed = `${A}  ./a b\0${B} *c\nd\0\0sha256sum: ./e: no such file\0${'c'.repeat(63)}  ./f\0`
  const lines = [
    line('a b'),
    line('c\nd'),
    line('e'),
    line('f'),
    line('g', { content: B }),
    line('a b', { type: 'd' }),
  ]
  expect(
    fillDigests(lines, Buffer.from(`${printed}${A}  ./g\0`)).map(({ content }) => content),
  ).toEqual([A, B, '', '', B, ''])
})

test('a manifest has a line for each path, and is read as it was written', () => {
  const lines = [line('a\n"b"', { content: A }), line('')]
  const text = render(lines)
  expect(text.split('\n')).toHaveLength(3)
  expect(parse(text)).toEqual(lines)
  expect([render([]), parse('')]).toEqual(['', []])
})

test("a tree's digest does not depend on its file system", () => {
  const same = digestLine(line('a', { content: A }))
  expect(digestLine(line('a', { content: A, mtime: '9', inode: '9' }))).toBe(same)
  for (const other of [
    { mode: '600' },
    { uid: '1' },
    { gid: '1' },
    { size: '6' },
    { content: B },
    { type: 'l' },
  ])
    expect(digestLine(line('a', { content: A, ...other }))).not.toBe(same)
  expect(digestLine(line('b', { content: A }))).not.toBe(same)
  // The sizes of directories depend on the file system
  const directory = (size: string) => digestLine(line('a', { type: 'd', size }))
  expect(directory('4096')).toBe(directory('60'))
})

test('the digest of a tree is that of all its paths', () => {
  const digest = digestOf([line('a'), line('b')])
  expect(digest).toMatch(/^[0-9a-f]{64}$/)
  expect(digestOf([line('a', { mtime: '9' }), line('b')])).toBe(digest)
  for (const others of [
    [line('a')],
    [line('a'), line('c')],
    [line('a'), line('b', { mode: '600' })],
    [],
  ])
    expect(digestOf(others)).not.toBe(digest)
})
