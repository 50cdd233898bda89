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
/** What has to be removed before each of the layers is unpacked. */
function removed(...layers: readonly (readonly Some[])[]) {
  const members = new Members({ checkOwner: false, layered: true })
  return layers.map((layer) => add(members, ...layer).endLayer())
}

test('what is there by its own name, or by being on the way', () => {
  const members = tree(directory('./'), file('a/b/c'), symlink('lib', 'usr/lib'), file('lib/x'))
  const names = ['a', 'a/b', 'a/b/c', 'lib', 'usr/lib/x', 'usr', 'usr/lib']
  expect(names.map((name) => members.has(name))).toEqual(names.map(() => true))
  for (const name of ['b', 'lib/x', 'a/b/c/d']) expect(members.has(name)).toBe(false)
})

test('all kinds of files, and a hard link to one that is before it', () => {
  const members = tree(
    ...[directory('d'), file('f'), symlink('s', '/anywhere'), link('h', './f')],
    ...[{ name: 'c', type: 'contiguous-file' }, { name: 'p', type: 'fifo' }, link('hs', 's')],
  )
  for (const name of ['d', 'f', 's', 'h', 'c', 'p', 'hs']) expect(members.has(name)).toBe(true)
  // a hard link to a symbolic link is one, too
  expect(refusal(() => add(members, file('hs/x'))).message).toContain('passes through')
})

test('a member takes the place of one before it', () => {
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
  [[link('h', 'f'), file('f')], 'is a hard link to "f", which does not come before it'],
  [[{ ...link('h', ''), linkname: null }], 'is a hard link to "", which does not come before it'],
  [[directory('d'), link('h', 'd')], 'is a hard link to the directory "d"'],
  [[link('h', '/etc/passwd')], 'is a hard link to "/etc/passwd", an absolute name'],
  [[symlink('out', '/etc'), link('h', 'out/passwd')], 'passes through the symbolic link "out"'],
  [[{ name: 'x', type: 'gnu-sparse' }], 'has a type that is not supported'],
  [[{ name: 'x', type: null }], 'has a type that is not supported'],
] as const)('%# is refused', ([list, says]) => {
  expect(refusal(() => tree(...list))).toMatchObject({
    code: 'TREE_ARCHIVE',
    message: expect.stringContaining(says),
  })
})

test('owners are looked at where a tree has owners', () => {
  const owned = { name: 'x', uid: 100_000 }
  expect(tree(owned).has('x')).toBe(true)
  const members = new Members({ checkOwner: true, layered: false })
  expect(refusal(() => add(members, owned)).message).toContain('belongs to uid 100000')
})

test('a whiteout removes what is below, and is not a file', () => {
  expect(removed([file('a/x'), file('a/y')], [file('a/.wh.x')])).toEqual([[], ['a/x']])
  expect(removed([file('x')], [file('.wh.x')])).toEqual([[], ['x']])
  const members = new Members({ checkOwner: false, layered: true })
  expect(add(members, file('a/.wh.x')).has('a/.wh.x')).toBe(false)
  // in a tar of one tree it is a file like others
  expect(tree(file('a/.wh.x')).has('a/.wh.x')).toBe(true)
})

test('what was removed is not there, nor what was in it', () => {
  const members = new Members({ checkOwner: false, layered: true })
  add(members, symlink('lib', '/tmp'), file('a/b/c'), file('ab')).endLayer()
  add(members, file('.wh.lib'), file('.wh.a')).endLayer()
  expect(['lib', 'a', 'a/b', 'a/b/c', 'ab'].map((name) => members.has(name))).toEqual([
    ...[false, false, false, false, true],
  ])
  expect(add(members, file('lib/x')).has('lib/x')).toBe(true)
})

test('an opaque directory has nothing of the layers below, but what the same layer puts there', () => {
  const lower = [file('a/x'), file('a/y/z'), file('b')]
  expect(removed(lower, [file('a/new'), file('a/.wh..wh..opq')])).toEqual([[], ['a/x', 'a/y']])
  // all that is in the tree, not the tree itself
  expect(removed([directory('./'), ...lower], [file('.wh..wh..opq')])).toEqual([[], ['a', 'b']])
})

test('a file in place of a directory needs that removed, and the other way round', () => {
  const lower = [file('a/x'), symlink('l', 'a'), file('f'), directory('d')]
  expect(removed(lower, [file('a'), directory('l'), directory('f'), directory('d')])).toEqual([
    [],
    ['a', 'f', 'l'],
  ])
  expect(removed(lower, [file('f'), symlink('l', 'b')])).toEqual([[], []])
})

test('each layer ends what was hidden by it', () => {
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

test('notes of aufs are not files and remove nothing', () => {
  expect(removed([file('plnk')], [file('.wh..wh.plnk'), file('.wh..wh.aufs')])).toEqual([[], []])
  for (const name of ['.wh.', 'a/.wh..', '.wh...'])
    expect(refusal(() => removed([file(name)])).message).toContain(
      'deletes something that is not a file',
    )
})

test('what takes the place of a link is removed before what is in it', () => {
  const members = new Members({ checkOwner: false, layered: true })
  add(members, file('etc/x'), symlink('a', 'etc')).endLayer()
  expect(add(members, directory('a'), file('a/.wh.x')).endLayer()).toEqual(['a', 'a/x'])
})
