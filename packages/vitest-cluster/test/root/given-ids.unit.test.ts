import { expect, test } from 'vitest'
import type { NamesOptions } from '../../src/definition/names.ts'
import type { Account } from '../../src/definition/service-fields.ts'
import { assignIds, group, passwd } from '../../src/root/accounts.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const OWNER = { uid: 61_184, gid: 61_200 }
const TREE = {
  users: [
    { name: 'www', uid: 33, gid: 33, home: '/var/www', shell: '/bin/sh' },
    { name: 'odd', uid: 40, gid: 41, home: '/', shell: '/bin/sh' },
  ],
  groups: [
    { name: 'www', gid: 33, members: [] },
    { name: 'tape', gid: 26, members: ['odd'] },
  ],
}

function assigned(accounts: Account[], names: NamesOptions = {}, uids: 'one' | 'many' = 'many') {
  return assignIds({ web: script('true', { accounts }) }, uids, OWNER, TREE, names)
}

test('accounts and groups have the ids that the definition gives', () => {
  const ids = assigned(
    [
      { name: 'first' },
      { name: 'hg', uid: 1000, groups: ['scm'] },
      { name: 'www', uid: 33 },
      { name: 'high', uid: 65_533 },
      { name: 'own', uid: 999 },
    ],
    {
      accounts: [{ name: 'late', uid: 5001 }],
      groups: [
        { name: 'scm', gid: 5000, members: ['www', 'bob@example.com', 'hg'] },
        { name: 'own', gid: 7 },
        { name: 'free', members: ['odd'] },
      ],
    },
  )
  const text = `${passwd(ids)}${group(ids)}`
  // Chosen ids avoid those: session is not 999, first is not 1000, free is neither 5000 nor 5001
  for (const line of [
    ...['session:x:998:998:', 'first:x:1001:1001:', 'hg:x:1000:1000:', 'www:x:33:33:'],
    ...['high:x:65533:65533:', 'own:x:999:7:', 'late:x:5001:5001:'],
    ...['scm:x:5000:www,hg,bob@example.com\n', 'own:x:7:\n', 'free:x:5002:odd\n'],
  ])
    expect(`\n${text}`).toContain(`\n${line}`)
  expect(ids.users['www']?.groups).toContain(5000)
  expect(ids.users['odd']?.groups).toEqual([26, 5002])
})

test('with one uid an account has that uid, and groups list their members', () => {
  const ids = assigned(
    [{ name: 'hg', uid: 500 }],
    { groups: [{ name: 'scm', gid: 5000, members: ['hg', 'bob'] }] },
    'one',
  )
  expect(ids.users['hg']).toMatchObject({ uid: 0, gid: 0, groups: [] })
  expect(group(ids)).toContain('\nscm:x:5000:hg,bob\n')
})

test.for([
  [{ name: 'www', uid: 34 }, {}, 'account www has uid: 34, but the tree has the uid 33'],
  [{ name: 'hg', uid: 33 }, {}, 'account hg has uid: 33, but the tree has that uid for www'],
  [{ name: 'hg', uid: 26 }, {}, 'account hg has uid: 26, but the tree has the group tape with'],
  [{ name: 'a' }, { name: 'tape', gid: 27 }, 'group tape has gid: 27, but the tree has the gid 26'],
  [
    { name: 'a' },
    { name: 'b', gid: 26 },
    'group b has gid: 26, but the tree has that gid for tape',
  ],
] as const)('ids that the tree has otherwise are refused: $2', ([account, group, message]) => {
  const names = 'name' in group ? { groups: [group] } : {}
  for (const uids of ['one', 'many'] as const) {
    const { message: said, code } = refusal(() => assigned([account], names, uids))
    expect({ said, code }).toEqual({
      said: expect.stringContaining(message),
      code: 'INVALID_DEFINITION',
    })
  }
})
