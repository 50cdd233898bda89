import { expect, test } from 'vitest'
import {
  checkOwner,
  type Member,
  partsOf,
  refuse,
  sparseName,
} from '../../../src/tree/archive/member.ts'
import { refusal } from '../../helpers/refusal.ts'

const member = (options: Partial<Member> = {}): Member => ({
  ...{ name: 'a\nb', type: 'file', linkname: null, size: 0, uid: 0, gid: 0 },
  ...options,
})

test('a name within the tree is split into its components', () => {
  const parts = (name: string) => partsOf(name, member(), 'own')
  expect(parts('./etc//x/./y/')).toEqual(['etc', 'x', 'y'])
  expect(parts('...')).toEqual(['...'])
  expect([parts(''), parts('.'), parts('./')]).toEqual([[], [], []])
})

test.for([
  ['/etc/x', 'own', 'its member "a\\nb" has an absolute name'],
  ['etc/../x', 'own', `its member "a\\nb" has a name with '..'`],
  ['..', 'own', `its member "a\\nb" has a name with '..'`],
  ['/x', 'linked', 'its member "a\\nb" is a hard link to "/x", an absolute name'],
  ['../x', 'linked', `its member "a\\nb" is a hard link to "../x", a name with '..'`],
] as const)('a member with %s as its %s name is refused', ([name, which, message]) => {
  expect(refusal(() => partsOf(name, member(), which))).toEqual({
    code: 'TREE_ARCHIVE',
    message,
    fix: expect.stringContaining('Nothing of the archive is kept.'),
  })
})

test('the name of a sparse file is in its pax header', () => {
  expect(sparseName(member({ pax: { 'GNU.sparse.name': 'real' } }))).toBe('real')
  for (const pax of [undefined, null, {}]) expect(sparseName(member({ pax }))).toBeUndefined()
})

test('owners that no tree can have are refused, in every header', () => {
  for (const options of [
    {},
    { uid: 65_535, gid: 65_535 },
    { uid: 2 ** 20, pax: { uid: '7' } },
    { pax: null },
  ])
    expect(checkOwner(member(options))).toBeUndefined()
  for (const [options, says] of [
    [{ uid: 65_536 }, 'belongs to uid 65536, but the highest uid of a tree is 65535'],
    [{ gid: -1 }, 'belongs to gid -1'],
    [{ pax: { gid: '65536' } }, 'belongs to gid 65536'],
    [{ pax: { uid: 'x' } }, 'belongs to uid NaN'],
  ] as const) {
    expect(refusal(() => checkOwner(member(options)))).toEqual({
      code: 'TREE_ARCHIVE',
      message: expect.stringContaining(says),
      fix: expect.stringContaining('--owner=0 --group=0'),
    })
  }
})

test('a refusal may have its own fix', () => {
  expect(refusal(() => refuse(member(), 'is odd', 'Do it.'))).toEqual({
    code: 'TREE_ARCHIVE',
    message: 'its member "a\\nb" is odd',
    fix: 'Do it.',
  })
})
