import { expect, test } from 'vitest'
import type { Account } from '../../src/definition/service-fields.ts'
import { assignIds, group, passwd } from '../../src/root/accounts.ts'
import { script } from '../helpers/services.ts'

const OWNER = { uid: 61_184, gid: 61_200 }
const services = (...accounts: Account[]) => ({ web: script('true', { accounts }) })
const one = (accounts: Account[]) => assignIds(services(...accounts), 'one', OWNER)
const many = (accounts: Account[]) => assignIds(services(...accounts), 'many', OWNER)

test("with many uids each account has a uid, a group of its name, and the session's group", () => {
  const { users, groups } = many([
    { name: 'alice', groups: ['dev', 'log'] },
    { name: 'bob', home: '/home/bob', shell: '/bin/bash' },
  ])
  expect(users).toEqual({
    root: { uid: 0, gid: 0, groups: [], home: '/root', shell: '/bin/sh' },
    session: { uid: 999, gid: 999, groups: [], home: '/home/session', shell: '/bin/sh' },
    alice: {
      uid: 1000,
      gid: 1000,
      groups: [999, 5000, 5001],
      home: '/home/alice',
      shell: '/bin/sh',
    },
    bob: { uid: 1001, gid: 1001, groups: [999], home: '/home/bob', shell: '/bin/bash' },
    nobody: {
      uid: 65_534,
      gid: 65_534,
      groups: [],
      home: '/nonexistent',
      shell: '/usr/sbin/nologin',
    },
  })
  expect(groups).toEqual({
    root: 0,
    session: 999,
    nogroup: 65_534,
    alice: 1000,
    bob: 1001,
    dev: 5000,
    log: 5001,
  })
})

test('with one uid the account session is the owner and other accounts are root', () => {
  const { users, groups } = one([
    { name: 'alice', groups: ['dev'], home: '/home/alice', shell: '/bin/bash' },
  ])
  expect(users).toMatchObject({
    session: { ...OWNER, groups: [] },
    alice: { uid: 0, gid: 0, groups: [], home: '/home/alice', shell: '/bin/bash' },
  })
  expect(groups).toEqual({ root: 0, session: OWNER.gid, nogroup: 65_534, dev: 5000 })
})

test('accounts that always exist are not created again', () => {
  const accounts = ['root', 'session', 'nobody'].map((name) => ({
    name,
    home: '/x',
    groups: ['log'],
  }))
  const { users, groups } = many(accounts)
  expect(users).toEqual(many([]).users)
  expect(groups).toEqual({ root: 0, session: 999, nogroup: 65_534, log: 5000 })
})

test('the accounts are written as passwd(5) and group(5)', () => {
  const accounts = many([{ name: 'alice', groups: ['log'], home: '/home/alice' }])
  expect(passwd(accounts)).toBe(`root:x:0:0:root:/root:/bin/sh
session:x:999:999:session:/home/session:/bin/sh
alice:x:1000:1000:alice:/home/alice:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`)
  expect(group(accounts)).toBe(
    'root:x:0:\nsession:x:999:alice\nnogroup:x:65534:\nalice:x:1000:\nlog:x:5000:alice\n',
  )
})
