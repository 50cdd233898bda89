// @module-tag vitest
import { expect, test } from 'vitest'
import { project } from '../support/project.ts'
import { runVitest } from '../support/vitest.ts'

const TWO_CACHES = `
  import { defineCluster } from 'vitest-cluster'
  import { cache } from './cache.ts'

  export default defineCluster({ services: { cache: cache(), spare: cache() } })
`

/** Valid uses of a context: reads of existing properties, and questions whether one exists. */
const RIGHT = `
  import { inspect } from 'node:util'
  import { assert, beforeEach, describe, expect, vi } from 'vitest'
  import { withCluster } from 'vitest-cluster/test'
  import cluster from './cluster.config.ts'

  const test = withCluster(cluster)
    .extend('own', ({ cache }) => cache.name + '!')
    .extend({ none: undefined, value: 5, url: ['default', { injected: true }] })
  let attempts = 0

  test.beforeEach(({ own, task }) => { task.context.added = own })
  test.aroundEach(async (run, { value }) => { expect(value).toBeGreaterThan(4); await run() })
  test.afterEach(({ own, added, task: { name } }) => { expect([added, name]).toContain(own) })

  test('all that Vitest has', ({ task, expect, skip, annotate, onTestFailed, signal }) => {
    for (const each of [task, expect, skip, annotate, onTestFailed, signal]) expect(each).toBeDefined()
  })
  test('renamed, with a default, nested', ({ cache: store, value = 3, spare: { name }, none, url }) => {
    expect([store.name, value, name, none, url]).toEqual(['cache', 5, 'spare', undefined, 'default'])
  })
  test('nothing', () => {})
  test.each([1, 2])('each %i', (n) => { expect(n).toBeGreaterThan(0) })
  test.for([[1, 'a']])('for %i', ([n], { own }) => { expect([n, own]).toEqual([1, 'cache!']) })
  test.concurrent('one', async ({ cache }) => cache.ask('version'))
  test.concurrent('two', async ({ spare }) => spare.ask('version'))
  test('retried', { retry: 3 }, ({ own }) => { if (attempts++ < 2) throw new Error(own) })
  test.fails('fails', ({ cache }) => { throw new Error(cache.name) })
  test('skipped', ({ skip, cache }) => skip(cache.name))
  test('arguments', function () { expect(arguments[0].task.name).toBe('arguments') })
  describe('a suite', () => {
    test.override({ value: 6 })
    beforeEach(({ cache }) => { expect(cache.name).toBe('cache') })
    test('overrides', ({ value }) => { expect(value).toBe(6) })
  })
  test('the context is a value like any other', async ({ task, own, onTestFinished }) => {
    const { context } = task
    onTestFinished((given) => { expect({ ...given }.own).toBe(own) })
    expect(await context).toBe(context)
    expect(JSON.stringify({ context })).toBe('{}')
    expect('ldpa' in context).toBe(false)
    expect(context).not.toHaveProperty('ldpa')
    expect(context).not.toMatchObject({ ldpa: 1 })
    expect(context instanceof Function && typeof context.call).toBe('function')
    inspect(context, { showHidden: true, showProxy: true, getters: true })
    expect({ context }).toEqual({ context: expect.any(Function) })
    for (const other of [{ a: 1 }, null, () => {}])
      expect(() => expect({ context }).toEqual({ context: other })).toThrow(/to deeply equal/)
    expect(() => assert.deepEqual(context, { a: 1 })).toThrow(/to deeply equal/)
    expect(vi.isMockFunction(context)).toBe(false)
    const called = vi.fn()
    called(context)
    expect(called).toHaveBeenCalledWith(context)
    expect(() => expect(called).toHaveBeenCalledWith(1)).toThrow(/to be called/)
  })
`

test('clusterFixtures() can be first or last in a chain of test.extend', async () => {
  const { exitCode, output, sessions } = await runVitest(
    project({
      'cluster.config.ts': TWO_CACHES,
      'first.spec.ts': `
        import { test as base, expect } from 'vitest'
        import { clusterFixtures } from 'vitest-cluster/test'
        import cluster from './cluster.config.ts'

        const test = base
          .extend(clusterFixtures(cluster))
          .extend('version', { scope: 'worker' }, async ({ cache }) => cache.ask('version'))
          .extend('words', ({ version, spare }) => [version, spare.name])

        const asked = []
        test.beforeAll(async ({ cache }) => asked.push(await cache.ask('version')))
        test.beforeEach(({ spare }) => asked.push(spare.name))

        test('later steps and hooks use them', ({ words, cache }) => {
          expect(words).toEqual([asked[0], 'spare'])
          expect(asked.slice(1)).toEqual(['spare'])
          expect(cache.name).toBe('cache')
        })
      `,
      'last.spec.ts': `
        import { test as base, expect } from 'vitest'
        import { clusterFixtures } from 'vitest-cluster/test'
        import cluster from './cluster.config.ts'

        const test = base
          .extend('mine', { scope: 'worker' }, () => 'mine')
          .extend({ each: async ({ mine }, use) => use(mine + '!') })
          .extend(clusterFixtures(cluster))

        test.beforeAll(({ mine, cache }) => expect([mine, cache.name]).toEqual(['mine', 'cache']))
        test('a chain that was there keeps its fixtures', async ({ each, cache }) => {
          expect(each).toBe('mine!')
          expect(await cache.ask('version')).toMatch(/^VERSION /)
        })
      `,
      'two.spec.ts': `
        import { test as base, expect } from 'vitest'
        import { defineCluster } from 'vitest-cluster'
        import { clusterFixtures } from 'vitest-cluster/test'
        import cluster from './cluster.config.ts'

        const { cache, spare } = cluster.services
        const test = base
          .extend(clusterFixtures(defineCluster({ services: { cache } })))
          .extend(clusterFixtures(defineCluster({ services: { cache, spare } })))

        test('two clusters, where the session has the services of both', ({ cache, spare }) => {
          expect([cache.name, spare.name]).toEqual(['cache', 'spare'])
        })
      `,
      'right.spec.ts': RIGHT,
    }),
  )
  expect(output).toMatch(/Tests +15 passed \| 1 expected fail \| 1 skipped \(17\)/)
  expect({ exitCode, sessions }).toEqual({ exitCode: 0, sessions: 1 })
})

test('a misspelt or missing fixture is an error at the line that reads it', async () => {
  const { exitCode, output } = await runVitest(
    project({
      'cluster.config.ts': `
        import { defineCluster } from 'vitest-cluster'
        import { cache } from './cache.ts'
        import { parrot } from './parrot.ts'

        export default defineCluster({ services: { cache: cache(), parrot: parrot() } })
      `,
      'other.config.ts': `
        import { defineCluster } from 'vitest-cluster'
        import { cache } from './cache.ts'

        export default defineCluster({ services: { cache: cache({ kind: 'store' }), db: cache() } })
      `,
      // JavaScript, since the compiler refuses most of these
      'wrong.spec.js': `
        import { beforeEach, describe, test as base } from 'vitest'
        import { defineCluster } from 'vitest-cluster'
        import { clusterFixtures, withCluster } from 'vitest-cluster/test'
        import { test as hgwebTest } from '@vitest-cluster/fixtures/hgweb'
        import cluster from './cluster.config.ts'
        import other from './other.config.ts'

        const test = withCluster(cluster)
        test('misspelt', ({ cahce }) => {})
        test('missing', async ({ redis }) => {})
        test.for([1])('for', (n, { cahce }) => {})
        test.concurrent('concurrent', async ({ cahce }) => {})
        test('retried', { retry: 1 }, ({ cahce }) => {})
        describe('beforeEach', () => { test.beforeEach(({ cahce }) => {}); test('1', () => {}) })
        describe('plain', () => { beforeEach(({ cahce }) => {}); test('2', () => {}) })
        describe('afterEach', () => { test.afterEach(({ cahce }) => {}); test('3', () => {}) })
        describe('around', () => { test.aroundEach(async (run, { cahce }) => run()); test('4', () => {}) })
        test('hidden', function () { return arguments[0].cache.name })

        const chain = base.extend(clusterFixtures(cluster)).extend('said', async ({ parrot }) => {
          await parrot.hears('heard in a step of the chain')
        })
        chain('chain', ({ said, prarot }) => {})
        hgwebTest('kind', ({ hgwbe }) => {})
        withCluster(defineCluster({ services: { cache: cluster.services.cache } }))('part', ({ parrot }) => {})
        withCluster(other)('no service', ({ db }) => {})
        withCluster(other)('other kind', ({ cache }) => {})
      `,
    }),
  )
  const [, errors = ''] = output.split('Failed Tests')
  const misspelt = errors.split("this test has no fixture 'cahce' [NO_SUCH_FIXTURE]")
  expect(misspelt).toHaveLength(9)
  expect(misspelt[1]).toContain("fix: Did you mean cache? The test's services are cache, parrot.")
  expect(misspelt[1]).toMatch(/ wrong\.spec\.js:9:\d+\n/)
  expect(errors).toContain("this test has no fixture 'redis' [NO_SUCH_FIXTURE]")
  expect(errors).toContain("To add a fixture of your own, use test.extend('redis', …).")
  expect(errors).toContain("the fixture 'cache' is read here, but Vitest did not set it up")
  expect(errors).toContain("Did you mean parrot? The test's services are cache, parrot.")
  expect(errors).toContain("Did you mean hgweb? The test's services are hgweb.")
  expect(errors).toMatch(
    /opened from \/.*\/cluster\.config\.ts, which has cache, parrot\. To use parrot, pass the cluster of that file/,
  )
  expect(errors).toContain("a service 'db', but the session has no such service [NO_SUCH_SERVICE]")
  expect(errors).toContain("service 'cache' is of kind cache in the session, but of kind")
  // Tests of the chain get the logs of their time
  expect(errors).toContain('parrot wrote during this test')
  expect(errors).toContain('heard in a step of the chain')
  expect(output).toMatch(/Tests +15 failed \(15\)/)
  expect(exitCode).toBe(1)
})
