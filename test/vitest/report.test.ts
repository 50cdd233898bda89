// @module-tag vitest
import { readFile } from 'node:fs/promises'
import { test as base, expect } from 'vitest'
import { PROGRAM } from '../support/cli.ts'
import { ONE_CACHE, Project, project, spec } from '../support/project.ts'
import { failingService } from '../support/projects/failing-service.ts'
import { runVitest } from '../support/vitest.ts'

/** A service that a test kills, later tests that use the service, and a test that fails for another reason. */
const KILLED = {
  'package.json': '{ "name": "@mine/planted", "type": "module" }',
  'cluster.config.ts': `
    import { defineCluster } from 'vitest-cluster'
    import { cache } from './cache.ts'
    import { parrot } from './parrot.ts'

    const jack = { ...parrot(), dependsOn: ['polly'] }
    export default defineCluster({ services: { polly: parrot(), jack, cache: cache() } })
  `,
  'pushes.spec.ts': `
    import { signal } from './signal.ts'
    ${spec(`
      test('speaks', async ({ polly }) => {
        await polly.hears('the words of a test that passed')
      })

      test('kills', { timeout: 60_000 }, async ({ polly }) => {
        await polly.hears('the last words of polly')
        signal(polly, 'SIGKILL')
        const state = () => { try { return polly.hears.name } catch { return 'down' } }
        await expect.poll(state, { timeout: 60_000 }).toBe('down')
        await polly.hears('nothing')
      })

      for (const n of ['one', 'two'])
        test('comes later: ' + n, async ({ polly }) => {
          await polly.hears('nothing')
        })

      test('uses what depends on it', async ({ jack }) => {
        await jack.hears('jack heard <b>this</b>')
        expect(jack.kind).toBe('crow')
      })

      test('compares <script>alert(1)</script> & "quotes"', () => {
        expect('a</pre>').toBe('b')
      })
    `)}
  `,
}

/** One run for all tests that read its report page. */
// biome-ignore lint/correctness/noEmptyPattern: Vitest reads the parameter's source
const test = base.extend('page', { scope: 'file' }, async ({}, { onCleanup }) => {
  const own = new Project(KILLED)
  onCleanup(() => own.remove())
  const { output } = await runVitest(own, { env: { TZ: 'Asia/Tokyo' } })
  return readFile(/report of session [0-9a-f]{8}: (.+)/.exec(output)?.[1] ?? output, 'utf8')
})

test("the page's title has the project and the result", ({ page }) => {
  const title = '@mine/planted: 5 of 6 tests failed; polly ended'
  expect(page).toContain(`<title>${title}</title>`)
  expect(page).toContain(`>${title}</h1>`)
})

test('a service that ended is shown as the first cause, with the failures that use it', ({
  page,
}) => {
  const text = read(page, 'failures')
  expect(text).toMatch(
    /^5 tests failed\n+polly was killed by signal 9 \(SIGKILL\) at \d\d:\d\d:\d\d during “pushes\.spec\.ts > kills”\n/,
  )
  const [cause = '', others = ''] = text.split('1 test failed that used none of these services:')
  expect(cause).toContain('That test failed; 3 later failures use polly:')
  expect(cause).toContain('pushes.spec.ts > kills: polly was down')
  expect(cause).toContain('pushes.spec.ts > comes later: two: polly was down')
  expect(cause).toContain('pushes.spec.ts > uses what depends on it: AssertionError: expected')
  expect(cause).toContain('jack wrote 1 line during this test')
  expect(others).toContain('compares <script>alert(1)</script> & "quotes"')
  // The place in the user's file, without frames of Vitest or of the library
  expect(others.match(/^ +at .*/gm)).toEqual([
    expect.stringMatching(/at pushes\.spec\.ts:\d+:\d+$/),
  ])
})

test('last log lines that are identical are shown once', ({ page }) => {
  const text = read(page, 'failures')
  expect(text.match(/The last lines of polly:/g)).toHaveLength(1)
  expect(text.match(/The last lines of polly are the same as above\./g)).toHaveLength(3)
})

test('services have their addresses and a readable state', ({ page }) => {
  const text = read(page, 'services')
  expect(text).toMatch(/^3 services\n/)
  expect(text).toMatch(/polly was killed by signal 9 \(SIGKILL\) at \d\d:\d\d:\d\d during “pushes/)
  expect(text).toMatch(/^jack running\n.*; used by 1 test, 1 of which failed$/m)
  expect(text).toMatch(/^cache running\n *cache 127\.0\.0\.1:\d+; used by no test$/m)
})

test('the steps of vitest-cluster are shown apart from the services', ({ page }) => {
  const [services = '', steps = ''] = read(page, 'start').split('What vitest-cluster did')
  expect(services).toMatch(/all services were ready [\d.]+ m?s after that/)
  expect(services).not.toContain('keeper')
  expect(steps).toContain('reserve free ports')
  expect(steps).not.toContain('polly')
})

test('all times are in one zone, which is named', ({ page }) => {
  expect(page).toContain('All times are Asia/Tokyo (GMT+9).')
  const utc = new Date().toISOString().slice(0, 13)
  expect(page).not.toContain(`started at ${utc.replace('T', ' ')}`)
})

test('output of tests and services is shown as text, not as markup', ({ page }) => {
  expect(page).not.toMatch(/<script>alert|<b>this/)
  expect(page.match(/<script/g)).toHaveLength(1)
})

test('a service that was stopped on purpose is not shown as a failure of a run that passed', async () => {
  const own = project({
    'cluster.config.ts': ONE_CACHE,
    'stops.spec.ts': `
      import { execFileSync } from 'node:child_process'
      ${spec(`
        test('stops the cache', ({ cache }) => {
          execFileSync(process.execPath, ['${PROGRAM}', 'stop', cache.name])
        })
      `)}
    `,
  })
  const { output } = await runVitest(own, { env: { VITEST_CLUSTER_REPORT: '1' } })
  const path = /report of session [0-9a-f]{8}: (.+)/.exec(output)?.[1] ?? output
  const page = await readFile(path, 'utf8')
  expect(page).toMatch(/<title>.*: 1 test passed<\/title>/)
  expect(page).not.toContain('<section id="failures"')
  expect(read(page, 'services')).toMatch(
    /^cache was stopped on purpose at \d\d:\d\d:\d\d during “stops\.spec\.ts > stops the cache”$/m,
  )
})

test('a cluster that does not start has a page with the failed service and the reason', async () => {
  const { output } = await runVitest(project(failingService))
  const path = /report of the start: (.+)/.exec(output)?.[1] ?? output
  const page = await readFile(path, 'utf8')
  expect(page).toMatch(/<title>.*: the cluster did not start: cache<\/title>/)
  const text = read(page, 'failures')
  expect(text).toMatch(/^No test has run\n+cache: /)
  expect(text).toMatch(/SERVICE_FAILED, .*cluster\.config\.ts:5:15/)
  expect(text).toMatch(
    /The last lines of cache:\n+.*memcached: unrecognized option '--no-such-option'/,
  )
  expect(read(page, 'logs')).toMatch(/^1 log\ncache\nLog: \d lines?\n/)
})

/** The visible text of a section. */
function read(page: string, section: string): string {
  const body = page.slice(page.indexOf(`<section id="${section}"`)).split('</section>')[0] ?? ''
  const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' }
  return body
    .replace(/<(?:\/h\d|\/p|\/summary|\/tr|pre[^>]*)>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:lt|gt|quot|amp|#39);/g, (entity) => entities[entity as keyof typeof entities])
}
