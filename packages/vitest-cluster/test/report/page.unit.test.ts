import { expect, test } from 'vitest'
import type { ServiceReport } from '../../src/observe/report-data.ts'
import type { ServiceEnd } from '../../src/observe/service-end.ts'
import { causesOf } from '../../src/report/causes.ts'
import { Clock, zoneWords } from '../../src/report/clock.ts'
import { renderPage } from '../../src/report/page.ts'
import type { Report, ReportTest } from '../../src/report/report.ts'
import { resultOf } from '../../src/report/result.ts'
import { stateWords } from '../../src/report/states.ts'
import { counted, listed } from '../../src/report/words.ts'

const service = (name: string, end?: Partial<ServiceEnd>, ...dependsOn: string[]) =>
  ({
    ...{ name, kind: name, unit: `${name}.service`, dependsOn, unitFile: '' },
    ...{ address: '127.0.0.1', ports: {}, subState: '', restarts: 0 },
    ...{ resources: {}, log: { text: '', omitted: 0 }, state: end ? 'failed' : 'active' },
    end: end && { onPurpose: false, ...end },
  }) satisfies ServiceReport

/** A test that ran in this second. */
const ran = (second: number, state: ReportTest['state'], ...uses: string[]): ReportTest => ({
  ...{ name: `test ${second}`, state, uses, errors: [], notes: [], logs: [] },
  ...{ begin: second * 1e6, end: second * 1e6 + 900_000 },
})

/** A session that began at 12:00:00 UTC. */
function report(services: ServiceReport[], tests: ReportTest[] = []): Report {
  const recorded = Date.UTC(2026, 0, 2, 12, 1)
  const times = { opened: recorded, recorded, now: 60e6, begun: 0 }
  const record = { id: '0123abcd', ...times, phases: [], times: [], services, windows: [] }
  return { project: 'mine', zone: 'Europe/Berlin', record, tests, otherErrors: [] }
}

test('nouns agree with their numbers, and long lists are cut', () => {
  expect([0, 1, 2].map((count) => counted(count, 'test'))).toEqual(['0 tests', '1 test', '2 tests'])
  expect(listed(['a'])).toBe('a')
  expect(listed(['a', 'b', 'c', 'd'])).toBe('a, b, c and d')
  expect(listed(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more')
})

test('times are shown in the zone', () => {
  const { record } = report([])
  expect(new Clock(record, 'Europe/Berlin').moment(1e6)).toBe('2026-01-02 13:00:01')
  expect(zoneWords(record.recorded, 'Europe/Berlin')).toBe('Europe/Berlin (GMT+1)')
  expect(zoneWords(record.recorded, 'UTC')).toBe('UTC')
})

test('the result of a run is one line', () => {
  const up = service('db')
  const words = (...given: Parameters<typeof report>) => resultOf(report(...given)).words
  expect(words([up])).toBe('1 service running; no test has run')
  // systemd does not know how it ended: it may have been stopped on purpose
  expect(words([up, service('web', {})])).toBe('1 of 2 services running; no test has run')
  expect(words([up], [ran(1, 'passed')])).toBe('1 test passed')
  expect(words([up], [ran(1, 'passed'), ran(2, 'skipped')])).toBe('1 test passed, 1 skipped')
  expect(words([up], [ran(1, 'passed'), ran(2, 'failed')])).toBe('1 of 2 tests failed')
  expect(words([up], [ran(1, 'ran'), ran(2, 'running')])).toBe('2 tests so far')
  const down = service('db', { at: 1e6 })
  expect(words([down], [ran(1, 'passed')])).toBe('1 test passed, but db ended')
  expect(words([service('db', { at: 1e6, onPurpose: true })], [ran(1, 'passed')])).toBe(
    '1 test passed',
  )
  const broken = { ...report([up]), otherErrors: [{ where: 'a.test.ts', errors: [] }] }
  expect(resultOf(broken)).toEqual({ words: '1 error outside of tests', isBad: true })
})

test('a failure is attributed to the first service that ended among those that its test uses, also indirectly', () => {
  const tests = [
    ran(1, 'failed', 'web'),
    ran(3, 'failed', 'web'),
    ran(4, 'failed', 'cache'),
    ran(5, 'failed', 'cache', 'db'),
    ran(6, 'failed'),
    ran(7, 'passed', 'web'),
  ]
  const services = [
    service('cache', { at: 4.5e6 }),
    service('db', { at: 3.5e6 }),
    service('web', undefined, 'db'),
    service('idle', { at: 2e6 }),
  ]
  const { causes, others } = causesOf(report(services, tests))
  const found = causes.map((cause) => [cause.service.name, cause.failures.map(({ name }) => name)])
  expect(found).toEqual([
    ['db', ['test 3', 'test 5']],
    ['cache', ['test 4']],
    ['idle', []],
  ])
  expect(others.map(({ name }) => name)).toEqual(['test 1', 'test 6'])
})

test('a service that was stopped on purpose is a cause only for tests that fail after it', () => {
  const services = [service('db', { at: 2.5e6, onPurpose: true })]
  const causes = (...tests: ReportTest[]) => causesOf(report(services, tests)).causes.length
  expect(causes(ran(1, 'failed', 'db'), ran(3, 'passed', 'db'))).toBe(0)
  expect(causes(ran(3, 'failed', 'db'))).toBe(1)
})

test('the state of a service is described', () => {
  const words = (end: Partial<ServiceEnd> | undefined, ...tests: ReportTest[]) =>
    stateWords(report([], tests), service('db', end))
  expect(words(undefined)).toBe('running')
  expect(words({ at: 1.5e6, exitCode: 1 }, ran(1, 'passed', 'db'), ran(1, 'failed'))).toBe(
    'ended with exit code 1 at 13:00:01 during “test 1”',
  )
  expect(words({ at: 2.95e6, signal: 15 }, ran(2, 'passed'), ran(3, 'passed'))).toBe(
    'was killed by signal 15 (SIGTERM) at 13:00:02, between two tests',
  )
  expect(words({ at: 0, onPurpose: true }, ran(1, 'passed'))).toBe(
    'was stopped on purpose at 13:00:00, before the first test',
  )
  expect(words({ at: 9e6, exitCode: 0 }, ran(1, 'passed'))).toBe(
    'ended with exit code 0 at 13:00:09, after the last test',
  )
  expect(words({})).toBe(
    'is not running; how it ended is unknown, because systemd has unloaded its unit',
  )
})

test('a long log is cut, and terminal colours are removed', () => {
  const lines = Array.from({ length: 2_000 }, (_, i) => `line ${i};`)
  const failed = { ...ran(1, 'failed'), logs: [{ service: 'db', lines, shared: [] }] }
  const db = { ...service('db'), log: { text: '\u001b[31mred\u001b[0m', omitted: 0 } }
  const page = renderPage(report([db], [failed]))
  expect(page).toContain('db wrote 2000 lines during this test')
  expect(page).toContain('The last 500 lines of db during test 1:</p>')
  expect(page).not.toContain('line 1499;')
  expect(page).toContain('line 1500;')
  expect(page).toContain('Log: 1 line<')
  expect(page).toContain('>red</pre>')
})
