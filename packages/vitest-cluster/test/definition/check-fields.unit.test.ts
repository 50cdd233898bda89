import { expect, test } from 'vitest'
import { defineCluster, openSession } from '../../src/index.ts'
import { hostTree } from '../../src/tree.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const define = (options: object) => defineCluster({ services: { thing: script('true', options) } })
const says = (options: object) => refusal(() => define(options)).message

// Without a check each caused a TypeError, or was ignored
test.for([
  [{ accounts: [null] }, 'accounts[0] is null, which is not an object'],
  [{ accounts: {} }, 'accounts is {}, which is not an array'],
  [{ accounts: new Array(1) }, 'accounts[0] is missing'],
  [{ accounts: [{ name: 'a', group: 'b' }] }, 'accounts[0]: there is no option "group"'],
  [{ accounts: [{ name: 'a', groups: 'b' }] }, 'accounts[0].groups is "b", which is not an array'],
  [
    { accounts: [{ name: '__proto__' }] },
    'accounts[0].name is "__proto__", which is reserved by JavaScript',
  ],
  [
    { accounts: [{ name: 'root', home: '/home' }] },
    'accounts[0] changes the account root, which is the same in every tree',
  ],
  [{ ports: 'http' }, 'ports is "http", which is not an array'],
  [
    { ports: ['a'.repeat(65)] },
    'ports[0] is "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", which is not the name of a port',
  ],
  [{ dependsOn: 'ldap' }, 'dependsOn is "ldap", which is not an object'],
  [{ dependsOn: [null] }, 'dependsOn[0] is null, which is not a name'],
  [{ programs: [null] }, 'programs[0] is null, which is not an object'],
  [{ programs: ['bin/sh'] }, 'programs[0] is "bin/sh", which is a relative path'],
  [{ programs: ['/usr/../sh'] }, 'programs[0] is "/usr/../sh", which is not the path of a file'],
  [{ programs: ['__proto__'] }, 'programs[0] is __proto__, which is reserved by JavaScript'],
  [{ programs: [{ name: 'sh', debain: 'dash' }] }, 'programs[0]: there is no option "debain"'],
  [{ programs: [{ name: 'sh', debian: 5 }] }, 'programs[0].debian is 5, which is not a string'],
  [
    { programs: [{ name: 'sh', client: 'yes' }] },
    'programs[0].client is "yes", which is not a boolean',
  ],
  [{ unit: null }, 'unit is null, which is not an object'],
  [
    { unit: { MemoryMax: Number.POSITIVE_INFINITY } },
    'unit.MemoryMax is Infinity, which is not a whole number greater than 0',
  ],
  [{ unit: { MemoryMax: -1 } }, 'unit.MemoryMax is -1, which is not a whole number greater than 0'],
  [{ unit: { TasksMax: 1.5 } }, 'unit.TasksMax is 1.5, which is not a whole number greater than 0'],
  [
    { unit: { LimitNOFILE: '100' } },
    'unit.LimitNOFILE is "100", which is not a whole number greater than 0',
  ],
  [
    { unit: { LimitNOFILE: 2 ** 53 } },
    'unit.LimitNOFILE is 9007199254740992, which is not a whole number greater than 0',
  ],
  [{ unit: { MemoryHigh: 1 } }, 'unit: there is no option "MemoryHigh"'],
  [{ unit: { NotifyAccess: 'none' } }, 'unit.NotifyAccess is "none", which is not supported'],
  [{ unit: { DynamicUser: 1 } }, 'unit.DynamicUser is 1, which is not a boolean'],
  [{ unit: { DynamicUser: true } }, "without needs: ['systemd']"],
  [{ unit: { SystemCallDeny: 'mount' } }, 'unit.SystemCallDeny is "mount", which is not an array'],
  [
    { unit: { SystemCallDeny: ['mount:4096'] } },
    'unit.SystemCallDeny[0] is "mount:4096", which has too high an error number',
  ],
  [
    { unit: { SystemCallDeny: ['~mount'] } },
    'unit.SystemCallDeny[0] is "~mount", which is not a system call or a group of them',
  ],
  [
    { unit: { SystemCallDeny: ['@mounts'] } },
    'unit.SystemCallDeny[0] is "@mounts", which is not a group of system calls',
  ],
  [{ state: { inputs: () => 1 } }, 'state.make is missing'],
  [{ state: 'once' }, 'state is "once", which is not an object'],
  [{ files: { 'a.conf': 'text' } }, 'files is {"a.conf":"text"}, which is not a function'],
  [{ handle: null }, 'handle is null, which is not a function'],
  [{ stopSignal: 'SIGHUP' }, 'stopSignal is "SIGHUP", which is not supported'],
  [{ user: 5 }, 'user is 5, which is not a name'],
  [{ needs: 'uids' }, 'needs is "uids", which is not an array'],
  [{ readyTimeout: 1e300 }, 'readyTimeout is 1e+300, which is not a valid timeout'],
  [{ readyTimeout: 0.0001 }, 'readyTimeout is 0.0001, which is not a valid timeout'],
  [{ readyTimeout: 10n }, 'readyTimeout is 10n, which is not a valid timeout'],
  [{ ready: { logLine: 5 } }, 'ready.logLine is 5, which is not a string'],
  [{ ready: { logLine: 'a\0' } }, 'which has a NUL character'],
  [{ ready: { exec: [] } }, 'ready.exec is empty'],
  [{ ready: { exec: ['true'], logLine: 'x' } }, 'ready has both logLine and exec'],
  [{ tree: { base: 1, layers: 2 } }, 'its tree is not a tree'],
  [
    { tree: { base: { kind: 'host' }, layers: [{ kind: 'constructor' }] } },
    'its tree is not a tree',
  ],
  [
    { tree: { base: { kind: 'debian', suite: 5 }, layers: [] } },
    'debianTree: suite is 5, which is not the name of a suite',
  ],
  [{ dependOn: ['ldap'] }, 'there is no option "dependOn"'],
])('a definition is refused with: $1', ([options, message]) => {
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
  [5, 'is not a string'],
] as const)('%j is not a home or a shell', ([path, problem]) => {
  for (const field of ['home', 'shell'])
    expect(says({ accounts: [{ name: 'www', [field]: path }] })).toContain(
      `accounts[0].${field} is `,
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
  expect(says({ hostPaths: [path] })).toContain('hostPaths[0] is '),
)

test('hostPaths may have characters that systemd escapes', () => {
  expect(define({ hostPaths: ['/opt/50%:a b', '/etc/mercurial/'] })).toBeDefined()
})

test("an account's home below a service's directory is refused, and may be the directory itself", () => {
  expect(says({ accounts: [{ name: 'a', home: '/srv//thing/./home' }] })).toContain(
    'below the directory of the service thing',
  )
  for (const home of ['/srv/thing', '/srv', '/srv/other/home'])
    expect(define({ accounts: [{ name: 'a', home }] })).toBeDefined()
})

test('services, ports and accounts may have names of Object.prototype properties', () => {
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

test('a service named __proto__, which JavaScript would lose, is an error', () => {
  const services = { ['__proto__']: script('true') }
  expect(refusal(() => defineCluster({ services })).code).toBe('INVALID_NAME')
  const written = { __proto__: script('true'), web: script('true') }
  expect(refusal(() => defineCluster({ services: written })).message).toContain(
    'at least one service',
  )
})

test('a definition whose properties throw is an error', () => {
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
])('%j is not a cluster', (input) => {
  expect(refusal(() => defineCluster(input as never)).code).toBe('INVALID_DEFINITION')
})

test('openSession() checks a definition that defineCluster() has not checked', async () => {
  const services = {
    a: { ...script('true'), ports: 'http' },
    b: { ...script('true'), tree: hostTree() },
  }
  await expect(openSession({ services } as never)).rejects.toMatchObject({
    code: 'INVALID_DEFINITION',
    details: { service: 'a' },
  })
})
