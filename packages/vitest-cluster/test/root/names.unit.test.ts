import { expect, test } from 'vitest'
import { hosts, hostsLines, nameSources, nsswitch } from '../../src/root/names.ts'
import { script } from '../helpers/services.ts'

const file = (machines: readonly string[], given: Readonly<Record<string, string>> = {}) =>
  hosts(hostsLines({ addresses: [], hostNames: ['Web', 'db'], hosts: given, machines }))

const SERVICES = '127.0.0.1 localhost web db\n::1 localhost\n'

test('hosts has the services, the given names, and the names of the machine', () => {
  expect(file(['ci-7.example.org', 'vitest-cluster'], { 'hg.example.org': '127.0.0.2' })).toBe(
    `${SERVICES}127.0.0.2 hg.example.org\n127.0.0.1 ci-7.example.org ci-7\n127.0.0.1 vitest-cluster\n`,
  )
})

test.for([['localhost'], ['WEB'], ['(none)'], ['a b'], ['10.0.0.1'], [''], ['given'], ['-x']])(
  'a machine called %j adds no line',
  ([machine = '']) => {
    const given = { GIVEN: '127.0.0.9' }
    expect(file([machine], given)).toBe(`${SERVICES}127.0.0.9 GIVEN\n`)
  },
)

test("a machine's first label that is taken is left out", () => {
  expect(file(['db.example', 'db'])).toBe(`${SERVICES}127.0.0.1 db.example\n`)
})

test('sources of services follow files, and the definition replaces whole lines', () => {
  const services = {
    names: script('true', { nsswitch: { passwd: ['ldap'], netgroup: ['ldap'] } }),
    more: script('true', { nsswitch: { passwd: ['sss', 'ldap'] } }),
  }
  const names = { nsswitch: { group: ['files', '[NOTFOUND=return]', 'db'], rpc: ['db'] } }
  expect(nsswitch(nameSources(services, names, true))).toBe(
    'passwd: files ldap sss systemd\ngroup: files [NOTFOUND=return] db\nshadow: files\nhosts: files dns\nservices: files\nprotocols: files\nnetgroup: files ldap\nrpc: db\n',
  )
  expect(nsswitch(nameSources({ web: script('true') }, {}, false))).toBe(
    'passwd: files systemd\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n',
  )
})
