import { expect, test } from 'vitest'
import type { Account } from '../../src/definition/service-fields.ts'
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

test('accounts of the tree keep their numbers, homes and groups; new ones get free numbers', () => {
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
  // 1000 is used by dev, 1001 by a group of the tree
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

test("a declared account changes the home and shell of the tree's account", () => {
  const { users } = many([{ name: 'dev', home: '/srv/dev', shell: '/bin/sh' }], TREE)
  expect(users['dev']).toEqual({
    uid: 1000,
    gid: 1000,
    groups: [999],
    home: '/srv/dev',
    shell: '/bin/sh',
  })
})

test('with one uid declared accounts are root, also those of the tree, and no group tty exists', () => {
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

test('the account session takes another number if the tree uses 999', () => {
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

test("the group of a service is created, and an account with a group's name is kept", () => {
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

test('a new account with the name of a group of the tree has that group', () => {
  const { users, groups } = many([{ name: 'ssl-cert' }, { name: 'later' }], TREE)
  expect(users['ssl-cert']).toMatchObject({ uid: 1002, gid: 110, groups: [999] })
  expect(groups['ssl-cert']).toBe(110)
  expect(users['later']).toMatchObject({ uid: 1003, gid: 1003 })
})

test('accounts and groups may have names of Object.prototype properties', () => {
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
