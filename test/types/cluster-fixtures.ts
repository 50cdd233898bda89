/** Compiled by `tsc --build`, never run: what compiles here and what does not is the test. */
import { type LdapHandle, ldap } from '@vitest-cluster/fixtures'
import { test as base, expectTypeOf } from 'vitest'
import { defineCluster, defineService } from 'vitest-cluster'
import { clusterFixtures, withCluster } from 'vitest-cluster/test'

const web = defineService({
  kind: 'web',
  ports: ['http'],
  command: ({ ports }) => ['web', `${ports.http}`],
  ready: 'listening',
  handle: ({ ports }) => ({ url: `http://127.0.0.1:${ports.http}` }),
})
const cluster = defineCluster({ services: { web, ldap: ldap({ suffix: 'dc=example' }) } })

const first = base.extend(clusterFixtures(cluster))
first.beforeAll(({ web }) => expectTypeOf(web.url).toEqualTypeOf<string>())
first.beforeEach(({ ldap }) => expectTypeOf(ldap).toExtend<LdapHandle>())
first('fixtures have the types of their services', ({ web, ldap, task }) => {
  expectTypeOf(web.url).toEqualTypeOf<string>()
  expectTypeOf(web.restart).toEqualTypeOf<() => Promise<void>>()
  expectTypeOf(ldap.baseDn).toEqualTypeOf<string>()
  expectTypeOf(task.name).toEqualTypeOf<string>()
  // @ts-expect-error no such property
  void web.uri
})
// @ts-expect-error a misspelt service
first('a misspelt service does not compile', ({ wbe }) => wbe)
// @ts-expect-error a misspelt service
first.beforeEach(({ wbe }) => wbe)
// @ts-expect-error a misspelt service
first.beforeAll(({ wbe }) => wbe)

const built = first
  .extend('client', ({ web }) => ({ page: web.url }))
  .extend('pool', { scope: 'worker' }, ({ web }) => ({ size: web.url.length }))
  .extend('file', { scope: 'file' }, ({ web, pool }) => web.url.length + pool.size)
built('steps that come later use them', ({ client, pool, file, web }) => {
  expectTypeOf(client).toEqualTypeOf<{ page: string }>()
  expectTypeOf(pool).toEqualTypeOf<{ size: number }>()
  expectTypeOf(file).toEqualTypeOf<number>()
  expectTypeOf(web.url).toEqualTypeOf<string>()
})
built.beforeAll(({ web, pool }) => {
  expectTypeOf(web.url).toEqualTypeOf<string>()
  expectTypeOf(pool).toEqualTypeOf<{ size: number }>()
})
// @ts-expect-error a misspelt service
first.extend('client', ({ wbe }) => wbe)

const written = first.extend<{ $worker: { pool: number } }>({
  pool: [async ({ web }, use) => use(web.url.length), { scope: 'worker' }],
})
written('object syntax', ({ pool, web }) => {
  expectTypeOf(pool).toEqualTypeOf<number>()
  expectTypeOf(web.url).toEqualTypeOf<string>()
})

const whole = withCluster(cluster)
  .extend('client', ({ web }) => ({ page: web.url }))
  .extend('pool', { scope: 'worker' }, ({ web }) => ({ size: web.url.length }))
whole.beforeAll(({ web, pool }) => {
  expectTypeOf(web.url).toEqualTypeOf<string>()
  expectTypeOf(pool).toEqualTypeOf<{ size: number }>()
})
whole('the same of withCluster', ({ client, web }) => {
  expectTypeOf(client).toEqualTypeOf<{ page: string }>()
  expectTypeOf(web.url).toEqualTypeOf<string>()
})

const last = base.extend<{ page: string }>({ page: 'x' }).extend(clusterFixtures(cluster))
last('a chain that was there keeps its types', ({ page, web }) => {
  expectTypeOf(page).toEqualTypeOf<string>()
  expectTypeOf(web.url).toEqualTypeOf<string>()
})
last.beforeAll(({ web }) => expectTypeOf(web.url).toEqualTypeOf<string>())

const both = first.extend(clusterFixtures(defineCluster({ services: { other: web } })))
both('the fixtures of two clusters', ({ web, other }) => {
  expectTypeOf(other.url).toEqualTypeOf(web.url)
})
// @ts-expect-error no cluster
clusterFixtures({ web })
