import { expect, test } from 'vitest'
import { differences, overlaid } from '../../src/tree/cache/differences.ts'
import type { Line } from '../../src/tree/cache/manifest.ts'

const line = (path: string, options: Partial<Line> = {}): Line => ({
  ...{ type: 'f', mode: '644', uid: '0', gid: '0', size: '1', mtime: '1', inode: '1' },
  ...{ content: 'aa', path },
  ...options,
})

test.for([
  { is: { mtime: '2', inode: '7' }, says: undefined },
  { is: { content: 'bb' }, says: 'has different content' },
  { is: { mode: '600' }, says: 'has mode 600, had 644' },
  { is: { uid: '33', gid: '5' }, says: 'belongs to 33:5, belonged to 0:0' },
  { is: { type: 'd', content: '' }, says: 'is a directory, was a file' },
  { is: { type: 'b' }, says: 'is a device, was a file' },
  {
    was: { type: 'l', content: 'x' },
    is: { type: 'l', content: 'y' },
    says: 'is a link to y, was a link to x',
  },
  { was: { type: 'l' }, is: { type: 'l', mode: '777' }, says: undefined },
])('a difference is described: a path $says', ({ was, is, says }) => {
  const found = differences([line('a', was)], [line('a', is)], true)
  expect(found).toEqual(says ? [{ path: '/a', what: says }] : [])
})

test('added and removed paths are listed in order', () => {
  expect(differences([line('b'), line('c')], [line('a'), line('c')], true)).toEqual([
    { path: '/a', what: 'was added' },
    { path: '/b', what: 'is missing' },
  ])
})

test('with one uid owners are not compared', () => {
  expect(differences([line('a', { uid: '33' })], [line('a')], false)).toEqual([])
})

test('a layer of files replaces paths of the tree below, with their content', () => {
  const below = [line('etc', { type: 'd' }), line('etc/a'), line('etc/a.d'), line('srv')]
  const own = [line('srv', { content: 'bb' }), line('etc/a', { type: 'l' })]
  expect(overlaid([...below, line('etc/a/x')], own).map(({ path }) => path)).toEqual([
    ...['etc', 'etc/a', 'etc/a.d', 'srv'],
  ])
})
