import { expect, test } from 'vitest'
import { defineCluster, type NamesOptions } from '../../src/index.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const web = script('true', { accounts: [{ name: 'hg', uid: 500 }], user: 'hg' })
const define = (names: unknown, more: object = {}) =>
  defineCluster({ services: { web }, names: names as NamesOptions, ...more })

test.for([
  [[], 'names is [], which is not an object'],
  [{ host: {} }, 'names: there is no option "host"'],
  [{ hosts: ['a'] }, 'names.hosts is ["a"], which is not an object'],
  [{ hosts: { 'a b': '127.0.0.1' } }, 'a key of names.hosts is "a b", which is not a host name'],
  [{ hosts: { 'a\n::1 b': '::1' } }, 'which is not a host name'],
  [{ hosts: { '127.0.0.2': '127.0.0.1' } }, 'which is not a host name'],
  [{ hosts: { [`${'a'.repeat(64)}.b`]: '::1' } }, 'which is not a host name'],
  [{ hosts: { a: 'b' } }, 'names.hosts.a is "b", which is not an IP address'],
  [{ hosts: { a: '127.0.0.1 b' } }, 'which is not an IP address'],
  [{ hosts: { a: 1 } }, 'names.hosts.a is 1, which is not an IP address'],
  [{ hosts: { a: '::1', A: '::1' } }, 'names.hosts has "a" twice: host names are case-insensitive'],
  [{ hosts: { LocalHost: '::1' } }, 'is localhost, which every tree has'],
  [{ hosts: { WEB: '127.0.0.2' } }, 'names.hosts has the name of the service web'],
  [{ nsswitch: { passwd: 'files ldap' } }, 'names.nsswitch.passwd is "files ldap"'],
  [{ nsswitch: { passwd: [] } }, 'names.nsswitch.passwd is empty'],
  [{ nsswitch: { services: ['db files'] } }, 'is "db files", which is not a source or an action'],
  [{ nsswitch: { 'a: b': ['files'] } }, 'which is not a database of nsswitch.conf(5)'],
  [{ nsswitch: { shadow: ['files\nx: y'] } }, 'which is not a source or an action'],
  [{ nsswitch: { shadow: ['files', '[NOTFOUND]'] } }, 'which is not a source or an action'],
  [{ nsswitch: { shadow: ['files', '[NOTFOUND=stop]'] } }, 'which is not a source or an action'],
  [{ nsswitch: { shadow: ['[NOTFOUND=return]', 'files'] } }, 'without a source before it'],
  [{ nsswitch: { passwd: ['ldap'] } }, "names.nsswitch.passwd lacks 'files'"],
  [{ nsswitch: { hosts: ['files', 'dns'] } }, "names.nsswitch.hosts has the source 'dns'"],
  [{ accounts: [{ name: 'a', uid: 0 }] }, 'names.accounts[0].uid is 0, which is not a uid'],
  [{ accounts: [{ name: 'a', uid: 65_534 }] }, 'which is not a uid'],
  [{ accounts: [{ name: 'a', uid: '500' }] }, 'which is not a uid'],
  [{ accounts: [{ name: 'a', uid: 500 }] }, 'hg and a both have the uid 500'],
  [{ accounts: [{ name: 'hg', uid: 501 }] }, 'account hg has uid: 501 here and uid: 500 elsewhere'],
  [{ accounts: [{ name: 'a', home: '/srv/web/a' }] }, 'below the directory of the service web'],
  [{ accounts: [{ name: 'session', uid: 5 }] }, 'names.accounts[0] changes the account session'],
  [{ groups: [{ name: 'a', gid: 1.5 }] }, 'names.groups[0].gid is 1.5, which is not a gid'],
  [{ groups: [{ name: 'a', gid: 500 }] }, 'a and hg both have the gid 500'],
  [{ groups: [{ name: 'a' }, { name: 'a' }] }, 'names.groups has the group a twice'],
  [{ groups: [{ name: 'root', members: ['hg'] }] }, 'changes the group root'],
  [{ groups: [{ name: 'a', members: ['b,c'] }] }, 'is "b,c", which is not a name for an account'],
  [{ groups: [{ name: 'a:x' }] }, 'which is not a name for an account or a group'],
])('names are refused with: $1', ([names, message]) => {
  const { message: said, fix } = refusal(() => define(names))
  expect(said).toContain(message)
  expect(fix).toMatch(/^[A-Z].*[.})]$/)
})

test.for([
  { nsswitch: { passwd: ['files', '[SUCCESS=return NOTFOUND=continue]', 'ldap'] } },
  { nsswitch: { group: ['files', '[SUCCESS=merge]', 'ldap'] } },
  { nsswitch: { hosts: ['files', 'mdns4_minimal', '[!UNAVAIL=return]'] } },
  { nsswitch: { sudoers: ['files', 'ldap'] } },
  {
    groups: [
      { name: 'hg', gid: 501 },
      { name: 'a', gid: 500 },
    ],
  },
  { hosts: { 'hg.example.org': '127.0.0.2', 'x-y_z': 'fe80::1%lo' } },
])('names may be %j', (names) => {
  expect(define(names).names).toEqual(names)
})

test('a service may run as an account of the cluster', () => {
  const services = { web: script('true', { user: 'www' }) }
  const names = { accounts: [{ name: 'www' }] }
  expect(defineCluster({ services, names }).names).toEqual(names)
  expect(refusal(() => defineCluster({ services })).message).toContain("runs as 'www'")
})

test('a cluster has the names of the cluster that it extends, and may replace hosts and sources', () => {
  const base = define({
    accounts: [{ name: 'a' }],
    groups: [{ name: 'b', gid: 7 }],
    hosts: { one: '127.0.0.1', two: '127.0.0.2' },
    nsswitch: { shadow: ['files'] },
  })
  const services = { other: script('true') }
  const more = {
    accounts: [{ name: 'c' }],
    hosts: { two: '127.0.0.3' },
    nsswitch: { shadow: ['files', 'db'], rpc: ['db'] },
  }
  expect(defineCluster({ extends: base, services }).names).toEqual(base.names)
  expect(defineCluster({ extends: base, services, names: more }).names).toEqual({
    accounts: [{ name: 'a' }, { name: 'c' }],
    groups: [{ name: 'b', gid: 7 }],
    hosts: { one: '127.0.0.1', two: '127.0.0.3' },
    nsswitch: { shadow: ['files', 'db'], rpc: ['db'] },
  })
  const twice = { extends: base, services, names: { groups: [{ name: 'b' }] } }
  expect(refusal(() => defineCluster(twice)).message).toContain('has the group b twice')
})

test('a service may not name actions, or no sources, in nsswitch', () => {
  for (const sources of [['[NOTFOUND=return]'], [], ['a b'], 'ldap'])
    expect(
      refusal(() =>
        defineCluster({
          services: { web: script('true', { nsswitch: { passwd: sources as string[] } }) },
        }),
      ).message,
    ).toContain('nsswitch.passwd')
})
