import { expect, test } from 'vitest'
import type { Member } from '../../../src/tree/archive/member.ts'
import { Members } from '../../../src/tree/archive/members.ts'
import { refusal } from '../../helpers/refusal.ts'

type Some = Partial<Member> & { readonly name: string }
const file = (name: string): Some => ({ name, type: 'file' })
const directory = (name: string): Some => ({ name, type: 'directory' })
const symlink = (name: string, linkname: string): Some => ({ name, type: 'symlink', linkname })
const link = (name: string, linkname: string): Some => ({ name, type: 'link', linkname })

function add(members: Members, ...list: readonly Some[]): Members {
  for (const some of list)
    members.add({ type: 'file', linkname: null, size: 0, uid: 0, gid: 0, ...some })
  return members
}
const tree = (...list: readonly Some[]) =>
  add(new Members({ checkOwner: false, layered: false }), ...list)
/** The paths that have to be removed before each layer is unpacked. */
function removed(...layers: readonly (readonly Some[])[]) {
  const members = new Members({ checkOwner: false, layered: true })
  return layers.map((layer) => add(members, ...layer).endLayer())
}

test('members and their parent directories are found', () => {
  const members = tree(directory('./'), file('a/b/c'), symlink('lib', 'usr/lib'), file('lib/x'))
  const names = ['a', 'a/b', 'a/b/c', 'lib', 'usr/lib/x', 'usr', 'usr/lib']
  expect(names.map((name) => members.has(name))).toEqual(names.map(() => true))
  for (const name of ['b', 'lib/x', 'a/b/c/d']) expect(members.has(name)).toBe(false)
})

test('members may be files of all kinds, and hard links to earlier members', () => {
  const members = tree(
    ...[directory('d'), file('f'), symlink('s', '/anywhere'), link('h', './f')],
    ...[{ name: 'c', type: 'contiguous-file' }, { name: 'p', type: 'fifo' }, link('hs', 's')],
  )
  for (const name of ['d', 'f', 's', 'h', 'c', 'p', 'hs']) expect(members.has(name)).toBe(true)
  // A hard link to a symbolic link is also a symbolic link
  expect(refusal(() => add(members, file('hs/x'))).message).toContain('passes through')
})

test('a member replaces an earlier one of the same name', () => {
  const members = tree(symlink('out', '/tmp'), directory('out'))
  expect(add(members, file('out/x')).has('out/x')).toBe(true)
})

test('devices are left out below /dev only', () => {
  const device = (name: string) => ({ name, type: 'character-device' })
  const members = tree(device('dev/null'), { name: './dev/pts/0', type: 'block-device' })
  expect(members.has('dev/null')).toBe(false)
  for (const name of ['dev', 'usr/dev/null', 'devices/x'])
    expect(refusal(() => tree(device(name))).message).toContain('is a device node')
})

const HOLED = { name: 'x', pax: { 'GNU.sparse.name': '../x' } }

test.for([
  [[file('../x')], `has a name with '..'`],
  [[HOLED], `has a name with '..'`],
  [
    [symlink('out', '/tmp'), file('out/x')],
    'passes through the symbolic link "out" to "/tmp", which is absolute',
  ],
  [[symlink('.', '/etc')], 'would replace the tree itself'],
  [[file('./')], 'would replace the tree itself'],
  [[file('f'), { ...link('h', 'f'), size: 1 }], 'is a hard link with content of its own'],
  [[link('h', 'f'), file('f')], 'is a hard link to "f", which is not an earlier member'],
  [[{ ...link('h', ''), linkname: null }], 'is a hard link to "", which is not an earlier member'],
  [[directory('d'), link('h', 'd')], 'is a hard link to the directory "d"'],
  [[link('h', '/etc/passwd')], 'is a hard link to "/etc/passwd", an absolute name'],
  [[symlink('out', '/etc'), link('h', 'out/passwd')], 'passes through the symbolic link "out"'],
  [[{ name: 'x', type: 'gnu-sparse' }], 'has a type that is not supported'],
  [[{ name: 'x', type: null }], 'has a type that is not supported'],
] as const)('a list of members is refused: %#', ([list, says]) => {
  expect(refusal(() => tree(...list))).toMatchObject({
    code: 'TREE_ARCHIVE',
    message: expect.stringContaining(says),
  })
})

test('owners are checked only if the tree has many uids', () => {
  const owned = { name: 'x', uid: 100_000 }
  expect(tree(owned).has('x')).toBe(true)
  const members = new Members({ checkOwner: true, layered: false })
  expect(refusal(() => add(members, owned)).message).toContain('belongs to uid 100000')
})

test('a whiteout removes a path of lower layers, and is not a file', () => {
  expect(removed([file('a/x'), file('a/y')], [file('a/.wh.x')])).toEqual([[], ['a/x']])
  expect(removed([file('x')], [file('.wh.x')])).toEqual([[], ['x']])
  const members = new Members({ checkOwner: false, layered: true })
  expect(add(members, file('a/.wh.x')).has('a/.wh.x')).toBe(false)
  // In a tar of a plain tree it is an ordinary file
  expect(tree(file('a/.wh.x')).has('a/.wh.x')).toBe(true)
})

test('a removed directory is not found, nor its content', () => {
  const members = new Members({ checkOwner: false, layered: true })
  add(members, symlink('lib', '/tmp'), file('a/b/c'), file('ab')).endLayer()
  add(members, file('.wh.lib'), file('.wh.a')).endLayer()
  expect(['lib', 'a', 'a/b', 'a/b/c', 'ab'].map((name) => members.has(name))).toEqual([
    ...[false, false, false, false, true],
  ])
  expect(add(members, file('lib/x')).has('lib/x')).toBe(true)
})

test('an opaque directory hides lower layers, and keeps entries of its own layer', () => {
  const lower = [file('a/x'), file('a/y/z'), file('b')]
  expect(removed(lower, [file('a/new'), file('a/.wh..wh..opq')])).toEqual([[], ['a/x', 'a/y']])
  // All entries of the tree, not the tree itself
  expect(removed([directory('./'), ...lower], [file('.wh..wh..opq')])).toEqual([[], ['a', 'b']])
})

test('a file that replaces a directory removes it first, and the other way round', () => {
  const lower = [file('a/x'), symlink('l', 'a'), file('f'), directory('d')]
  expect(removed(lower, [file('a'), directory('l'), directory('f'), directory('d')])).toEqual([
    [],
    ['a', 'f', 'l'],
  ])
  expect(removed(lower, [file('f'), symlink('l', 'b')])).toEqual([[], []])
})

test('a whiteout affects only the layer that has it', () => {
  expect(removed([file('x')], [file('.wh.x')], [file('x')], [file('y')])).toEqual([
    [],
    ['x'],
    [],
    [],
  ])
  expect(removed([file('a/x')], [file('a/.wh..wh..opq')], [file('a/y')], [])).toEqual([
    [],
    ['a/x'],
    [],
    [],
  ])
})

test('metadata of aufs is neither a file nor a whiteout', () => {
  expect(removed([file('plnk')], [file('.wh..wh.plnk'), file('.wh..wh.aufs')])).toEqual([[], []])
  for (const name of ['.wh.', 'a/.wh..', '.wh...'])
    expect(refusal(() => removed([file(name)])).message).toContain(
      'deletes something that is not a file',
    )
})

test('a replaced link is removed before the whiteouts below its name', () => {
  const members = new Members({ checkOwner: false, layered: true })
  add(members, file('etc/x'), symlink('a', 'etc')).endLayer()
  expect(add(members, directory('a'), file('a/.wh.x')).endLayer()).toEqual(['a', 'a/x'])
})
