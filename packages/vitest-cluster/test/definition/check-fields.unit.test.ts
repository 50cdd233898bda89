import { expect, test } from 'vitest'
import { defineCluster, openSession } from '../../src/index.ts'
import { hostTree } from '../../src/tree.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const define = (options: object) => defineCluster({ services: { thing: script('true', options) } })
const says = (options: object) => refusal(() => define(options)).message

// Each ended in a TypeError, or was accepted and lost
test.for([
  [{ accounts: [null] }, 'has an account that is none: null'],
  [{ accounts: {} }, 'has accounts: {}'],
  [{ accounts: new Array(1) }, 'has an account that is none: undefined'],
  [{ accounts: [{ name: 'a', group: 'b' }] }, 'has an account with "group"'],
  [{ accounts: [{ name: 'a', groups: 'b' }] }, 'account a has groups: "b"'],
  [{ accounts: [{ name: '__proto__' }] }, 'names an account or a group "__proto__"'],
  [{ accounts: [{ name: 'root', home: '/home' }] }, 'changes account root'],
  [{ ports: 'http' }, 'has ports: "http"'],
  [{ ports: ['a'.repeat(65)] }, 'names a port "aaa'],
  [{ dependsOn: 'ldap' }, 'has dependsOn: "ldap"'],
  [{ dependsOn: [null] }, 'has dependsOn: null'],
  [{ programs: [null] }, 'names a program null'],
  [{ programs: ['bin/sh'] }, 'names a program "bin/sh", which is a relative path'],
  [{ programs: ['/usr/../sh'] }, 'which is no path of a file'],
  [{ programs: ['__proto__'] }, 'names a program "__proto__"'],
  [{ programs: [{ name: 'sh', debain: 'dash' }] }, 'program "sh" has "debain": "dash"'],
  [{ programs: [{ name: 'sh', debian: 5 }] }, 'program "sh" has "debian": 5'],
  [{ programs: [{ name: 'sh', client: 'yes' }] }, 'program "sh" has client: "yes"'],
  [{ unit: null }, 'has unit: null'],
  [{ unit: { MemoryMax: Number.POSITIVE_INFINITY } }, 'has unit: { MemoryMax: Infinity }'],
  [{ unit: { MemoryMax: -1 } }, 'has unit: { MemoryMax: -1 }'],
  [{ unit: { TasksMax: 1.5 } }, 'has unit: { TasksMax: 1.5 }'],
  [{ unit: { LimitNOFILE: '100' } }, 'has unit: { LimitNOFILE: "100" }'],
  [{ unit: { LimitNOFILE: 2 ** 53 } }, 'has unit: { LimitNOFILE: 9007199254740992 }'],
  [{ unit: { MemoryHigh: 1 } }, 'has unit with "MemoryHigh", which is not taken'],
  [{ unit: { NotifyAccess: 'none' } }, 'has unit: { NotifyAccess: "none" }'],
  [{ unit: { DynamicUser: 1 } }, 'has unit: { DynamicUser: 1 }'],
  [{ unit: { DynamicUser: true } }, 'does not need a systemd'],
  [{ unit: { SystemCallDeny: 'mount' } }, 'has unit: { SystemCallDeny: "mount" }'],
  [{ unit: { SystemCallDeny: ['mount:4096'] } }, 'denies the system call "mount:4096"'],
  [{ unit: { SystemCallDeny: ['~mount'] } }, 'denies the system call "~mount"'],
  [{ unit: { SystemCallDeny: ['@mounts'] } }, 'denies "@mounts", which is no group'],
  [{ state: { inputs: () => 1 } }, 'has a state whose make is undefined'],
  [{ state: 'once' }, 'has state: "once"'],
  [{ files: { 'a.conf': 'text' } }, 'has files: {"a.conf":"text"}'],
  [{ handle: null }, 'has handle: null'],
  [{ stopSignal: 'SIGHUP' }, 'has stopSignal: "SIGHUP"'],
  [{ user: 5 }, 'has user: 5'],
  [{ needs: 'uids' }, 'has needs: "uids"'],
  [{ readyTimeout: 1e300 }, 'has readyTimeout: 1e+300'],
  [{ readyTimeout: 0.0001 }, 'has readyTimeout: 0.0001'],
  [{ readyTimeout: 10n }, 'has readyTimeout: 10n'],
  [{ ready: { logLine: 5 } }, 'has ready: { logLine: 5 }'],
  [{ ready: { logLine: 'a\0' } }, 'which has a NUL character'],
  [{ ready: { exec: [] } }, 'its ready: { exec } is no array of strings: []'],
  [{ ready: { exec: ['true'], logLine: 'x' } }, 'does not say how it becomes ready'],
  [{ tree: { base: 1, layers: 2 } }, 'its tree is no tree'],
  [{ tree: { base: { kind: 'host' }, layers: [{ kind: 'constructor' }] } }, 'its tree is no tree'],
  [{ tree: { base: { kind: 'debian', suite: 5 }, layers: [] } }, 'debianTree: 5 is no suite'],
  [{ dependOn: ['ldap'] }, 'has a field "dependOn", which services do not have'],
])('refused: $1', ([options, message]) => {
  expect(says(options as object)).toContain(message)
})

test.for([
  ['/home/a\nroot2::0:0::/:/bin/sh', 'has a line break'],
  ['/../../etc/cron.d', 'has .. in it'],
  ['/home/a:b', 'has a : in it'],
  ['/home/a\0', 'has a NUL'],
  ['home/a', 'does not begin with /'],
  ['', 'does not begin with /'],
  [`/${'a'.repeat(256)}`, 'has a name longer than 255 bytes'],
  [`/${'a/'.repeat(2100)}`, 'is longer than 4095 bytes'],
  ['/\ud800', 'has half of a surrogate pair'],
  [5, 'is no string'],
] as const)('%j is no home and no shell', ([path, problem]) => {
  for (const field of ['home', 'shell'])
    expect(says({ accounts: [{ name: 'www', [field]: path }] })).toContain(
      `account www has ${field}`,
    )
  expect(says({ accounts: [{ name: 'www', home: path }] })).toContain(problem)
})

test.for([
  '/',
  '/srv',
  '/run/',
  '//etc',
  '/proc',
  'etc/mercurial',
  '/etc/a\n/etc/b',
  '/etc/../root',
  null,
  ['/opt'],
])('the host path %j is refused', (path) =>
  expect(says({ hostPaths: [path] })).toContain('has hostPaths: '),
)

test('paths of the host may have what systemd writes in other ways', () => {
  expect(define({ hostPaths: ['/opt/50%:a b', '/etc/mercurial/'] })).toBeDefined()
})

test("a home below a service's directory is refused, the directory itself is none of the account's to make", () => {
  expect(says({ accounts: [{ name: 'a', home: '/srv//thing/./home' }] })).toContain(
    'below the directory of the service thing',
  )
  for (const home of ['/srv/thing', '/srv', '/srv/other/home'])
    expect(define({ accounts: [{ name: 'a', home }] })).toBeDefined()
})

test('names that every object has are names like others', () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then']) {
    const options = {
      ports: [name],
      accounts: [{ name, groups: [name] }],
      user: name,
      programs: [name],
    }
    const services = {
      [name]: script('true', options),
      other: script('true', { dependsOn: [name] }),
    }
    expect(Object.keys(defineCluster({ services }).services)).toEqual([name, 'other'])
  }
})

test('a service that is lost as a prototype is told', () => {
  const services = { ['__proto__']: script('true') }
  expect(refusal(() => defineCluster({ services })).code).toBe('INVALID_NAME')
  const written = { __proto__: script('true'), web: script('true') }
  expect(refusal(() => defineCluster({ services: written })).message).toContain(
    'at least one service',
  )
})

test('what cannot be read is told as that', () => {
  const getter = Object.defineProperty({}, 'kind', { get: () => expect.unreachable('read') })
  expect(refusal(() => defineCluster({ services: { a: getter as never } })).message).toMatch(
    /^the definition cannot be read: /,
  )
})

test.for([
  undefined,
  null,
  5,
  [],
  new Map(),
  { service: {} },
  { services: [] },
  { services: {}, extends: 5 },
])('%j is no cluster', (input) => {
  expect(refusal(() => defineCluster(input as never)).code).toBe('INVALID_DEFINITION')
})

test('a definition that was never checked is checked when a session opens', async () => {
  const services = {
    a: { ...script('true'), ports: 'http' },
    b: { ...script('true'), tree: hostTree() },
  }
  await expect(openSession({ services } as never)).rejects.toMatchObject({
    code: 'INVALID_DEFINITION',
    details: { service: 'a' },
  })
})
