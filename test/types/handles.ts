/** Compiled by `tsc --build`, never run: what compiles here and what does not is the test. */
import { hgweb, ldap, ssh } from '@vitest-cluster/fixtures'
import { test as ldapTest } from '@vitest-cluster/fixtures/ldap'
import { expectTypeOf } from 'vitest'
import {
  type CommonHandle,
  defineCluster,
  defineService,
  type ExecResult,
  openSession,
  type ServiceLog,
} from 'vitest-cluster'
import plugin from 'vitest-cluster/plugin'
import { withCluster } from 'vitest-cluster/test'

const counter = defineService({
  kind: 'counter',
  ports: ['http', 'admin'],
  values: () => ({ token: 'secret' }),
  command: ({ ports, values }) => ['counter', `${ports.http}`, `${ports.admin}`, values.token],
  ready: 'listening',
  handle: ({ ports }) => ({
    url: `http://127.0.0.1:${ports.http}`,
    count: async (step: number) => step,
  }),
})

const cluster = defineCluster({
  services: {
    ldap: ldap({ suffix: 'dc=example' }),
    ssh: ssh({ authorizedKeys: { from: 'ldap' } }),
    hgweb: hgweb({ repositories: ['demo'] }),
    counter,
  },
})
const test = withCluster(cluster)

test('handles have the types of their services', async ({ ldap, ssh, hgweb, counter }) => {
  expectTypeOf(ldap.addSshKey).parameters.toEqualTypeOf<[user: string, publicKey: string]>()
  expectTypeOf(ldap.port).toEqualTypeOf<number>()
  expectTypeOf(hgweb.createRepository).returns.toEqualTypeOf<Promise<string>>()
  expectTypeOf(await ssh.run('true')).toExtend<{ exitCode: number; stdout: string }>()
  expectTypeOf(counter.url).toEqualTypeOf<string>()
  expectTypeOf(counter.count).toEqualTypeOf<(step: number) => Promise<number>>()
})

test('every handle has the common properties', async ({ counter, hgweb }) => {
  expectTypeOf(counter).toExtend<CommonHandle>()
  expectTypeOf(hgweb.log).toEqualTypeOf<ServiceLog>()
  expectTypeOf(counter.restart()).toEqualTypeOf<Promise<void>>()
  expectTypeOf(await counter.exec(['true'])).toEqualTypeOf<ExecResult>()
  expectTypeOf((await counter.exec(['true'], { cwd: '/' })).stdout).toEqualTypeOf<string>()
  expectTypeOf(
    (await counter.exec(['true'], { encoding: 'buffer' })).stdout,
  ).toEqualTypeOf<Buffer>()
})

test.beforeAll(({ counter }) => {
  expectTypeOf(counter.url).toEqualTypeOf<string>()
})

// @ts-expect-error a misspelt service
test('a misspelt service does not compile', ({ lpad }) => lpad)

test('a misused handle does not compile', ({ ldap, ssh, hgweb, counter }) => {
  // @ts-expect-error no such method
  void ldap.addUsr({ uid: 'alice' })
  // @ts-expect-error a method of another service
  void hgweb.addUser({ uid: 'alice' })
  // @ts-expect-error a user has a uid
  void ldap.addUser({ name: 'alice' })
  // @ts-expect-error a number for a name
  void hgweb.createRepository(1)
  // @ts-expect-error an argument is missing
  void ldap.addSshKey('alice')
  // @ts-expect-error a string for a number
  void counter.count('1')
  // @ts-expect-error a command line for an argument vector
  void counter.exec('ls -l')
  // @ts-expect-error handles are read-only
  ssh.port = 22
})

ldapTest('a fixture for one file has the type of its service', ({ ldap }) => {
  expectTypeOf(ldap.baseDn).toEqualTypeOf<string>()
  expectTypeOf(ldap.name).toEqualTypeOf<string>()
  // @ts-expect-error no such property
  void ldap.baseDN
})

// @ts-expect-error the fixtures of one service have no other service
ldapTest('there is no hgweb in it', ({ hgweb }) => hgweb)

test('handles of openSession() have the same types', async () => {
  const session = await openSession(cluster)
  expectTypeOf(await session.handle('counter')).toHaveProperty('count')
  // @ts-expect-error a misspelt service
  await session.handle('countr')
})

// @ts-expect-error an unknown option
ldap({ sufix: 'dc=example' })
// @ts-expect-error the suffix is required
ldap({})
// @ts-expect-error a string for a list
hgweb({ repositories: 'demo' })
// @ts-expect-error the plugin's option is a path
plugin({ config: true })
// @ts-expect-error an unknown option of the plugin
plugin({ configFile: './cluster.ts' })
// @ts-expect-error a cluster without services
defineCluster({})
// @ts-expect-error a value that is not a service
defineCluster({ services: { web: { kind: 'web' } } })

defineService({
  kind: 'web',
  ports: ['http'],
  // @ts-expect-error a misspelt port
  command: ({ ports }) => ['web', `${ports.htttp}`],
  ready: 'listening',
})
defineService({
  kind: 'web',
  values: () => ({ token: 'secret' }),
  // @ts-expect-error a misspelt value
  command: ({ values }) => ['web', values.tokn],
  ready: 'started',
})
defineService({
  kind: 'web',
  values: ({ name, baseDirectory, clientDirectory }) => ({ name, baseDirectory, clientDirectory }),
  // @ts-expect-error files() runs before the state exists, so it cannot read it
  files: async ({ read }) => ({ key: await read('key.pub') }),
  state: {
    inputs: () => 1,
    make: async ({ read }) => {
      expectTypeOf(await read('key.pub')).toEqualTypeOf<string>()
    },
  },
  command: () => ['web'],
  handle: ({ read }) => ({ key: () => read('key.pub') }),
  ready: 'started',
})
defineService({
  kind: 'web',
  command: () => ['web'],
  // @ts-expect-error an unknown readiness
  ready: 'soon',
})
// @ts-expect-error a shell string for an argument vector
defineService({ kind: 'web', command: () => 'web --port 80', ready: 'started' })
// @ts-expect-error ready is required
defineService({ kind: 'web', command: () => ['web'] })
