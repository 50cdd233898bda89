import { expect, test } from 'vitest'
import type { Account } from '../../src/definition/service.ts'
import { assignIds } from '../../src/root/accounts.ts'
import type { TreeAccounts } from '../../src/root/passwd.ts'
import { script } from '../helpers/services.ts'

const OWNER = { uid: 61_184, gid: 61_200 }
const services = (...accounts: Account[]) => ({ web: script('true', { accounts }) })
const one = (accounts: Account[], tree?: TreeAccounts) =>
  assignIds(services(...accounts), 'one', OWNER, tree)
const many = (accounts: Account[], tree?: TreeAccounts) =>
  assignIds(services(...accounts), 'many', OWNER, tree)

const TREE: TreeAccounts = {
  users: [
    { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash' },
    { name: 'postgres', uid: 998, gid: 997, home: '/var/lib/postgresql', shell: '/bin/bash' },
    { name: 'dev', uid: 1000, gid: 1000, home: '/home/dev', shell: '/bin/zsh' },
    { name: 'nobody', uid: 65_534, gid: 65_534, home: '/nonexistent', shell: '/bin/false' },
  ],
  groups: [
    { name: 'root', gid: 0, members: [] },
    { name: 'tty', gid: 5, members: [] },
    { name: 'ssl-cert', gid: 110, members: ['postgres', 'other'] },
    { name: 'local', gid: 1001, members: [] },
    { name: 'taken', gid: 5000, members: [] },
  ],
}

test('accounts of the tree keep their numbers, homes and groups; new ones get others', () => {
  const { users, groups } = many(
    [
      { name: 'postgres', groups: ['log'] },
      { name: 'new', groups: ['ssl-cert'] },
      { name: 'newer' },
    ],
    TREE,
  )
  expect(users['postgres']).toEqual({
    uid: 998,
    gid: 997,
    groups: [110, 999, 5001],
    home: '/var/lib/postgresql',
    shell: '/bin/bash',
  })
  expect(users['dev']).toEqual({
    uid: 1000,
    gid: 1000,
    groups: [],
    home: '/home/dev',
    shell: '/bin/zsh',
  })
  // 1000 is dev's, 1001 a group of the tree
  expect(users['new']).toMatchObject({ uid: 1002, gid: 1002, groups: [999, 110] })
  expect(users['newer']).toMatchObject({ uid: 1003 })
  expect(groups).toMatchObject({
    root: 0,
    tty: 5,
    'ssl-cert': 110,
    taken: 5000,
    log: 5001,
    new: 1002,
  })
  expect(users['root']).toMatchObject({ shell: '/bin/sh' })
})

test('a declared account says more of one that the tree has', () => {
  const { users } = many([{ name: 'dev', home: '/srv/dev', shell: '/bin/sh' }], TREE)
  expect(users['dev']).toEqual({
    uid: 1000,
    gid: 1000,
    groups: [999],
    home: '/srv/dev',
    shell: '/bin/sh',
  })
})

test('where there is one uid, declared accounts of the tree are its root, too, and nobody has a terminal’s group', () => {
  const { users, groups } = one([{ name: 'postgres' }], TREE)
  expect(users['postgres']).toEqual({
    uid: 0,
    gid: 0,
    groups: [],
    home: '/var/lib/postgresql',
    shell: '/bin/bash',
  })
  expect(users['dev']).toMatchObject({ uid: 1000, gid: 1000 })
  expect(groups).not.toHaveProperty('tty')
  expect(groups).toMatchObject({ 'ssl-cert': 110 })
})

test('the session gives way to whoever has its number in the tree', () => {
  const line = { home: '/', shell: '/bin/sh' }
  const tree = {
    users: [
      { name: 'a', uid: 999, gid: 5, ...line },
      { name: 'b', uid: 7, gid: 998, ...line },
    ],
    groups: [{ name: 'c', gid: 997, members: [] }],
  }
  expect(many([], tree).users['session']).toMatchObject({ uid: 996, gid: 996 })
})

test('a group that a service runs in is made, and an account with a group’s name has it', () => {
  const { groups, users } = assignIds(
    {
      a: script('true', { group: 'data' }),
      b: script('true', { accounts: [{ name: 'taken' }], group: 'taken' }),
    },
    'many',
    OWNER,
    TREE,
  )
  expect(groups).toMatchObject({ data: 5001, taken: 5000 })
  expect(users['taken']).toMatchObject({ uid: 1002 })
})

test('a new account that is named like a group of the tree has that group', () => {
  const { users, groups } = many([{ name: 'ssl-cert' }, { name: 'later' }], TREE)
  expect(users['ssl-cert']).toMatchObject({ uid: 1002, gid: 110, groups: [999] })
  expect(groups['ssl-cert']).toBe(110)
  expect(users['later']).toMatchObject({ uid: 1003, gid: 1003 })
})

test('names that every object has are accounts and groups like others', () => {
  const names = ['constructor', 'toString', 'hasOwnProperty']
  const { users, groups } = many(names.map((name) => ({ name, groups: [`${name}s`, 'valueOf'] })))
  expect(users).toMatchObject({
    constructor: { uid: 1000, gid: 1000, groups: [999, 5000, 5001] },
    toString: { uid: 1001, gid: 1001, groups: [999, 5002, 5001] },
    hasOwnProperty: { uid: 1002, gid: 1002, groups: [999, 5003, 5001] },
  })
  expect(Object.keys(groups)).toEqual(expect.arrayContaining([...names, 'valueOf']))
  expect(Object.keys(one([{ name: 'constructor' }]).users)).toContain('constructor')
})
