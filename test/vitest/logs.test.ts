// @module-tag vitest
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test as base, expect } from 'vitest'
import { Project, project, spec } from '../support/project.ts'
import { logs } from '../support/projects/logs.ts'
import { plugin } from '../support/projects/plugin.ts'
import { runVitest } from '../support/vitest.ts'

/** A reporter that prints the logs in tests' artifacts, decoded, and whether their annotations have attachments. */
const REPORTER = `
  import type { TestCase } from 'vitest/node'
  import type {} from 'vitest-cluster/test'

  export default class {
    readonly #found: Record<string, unknown[]> = {}

    onTestCaseResult(test: TestCase): void {
      const logs = test.artifacts().flatMap((artifact) => {
        if (artifact.type !== 'vitest-cluster:log') return []
        const { service, shared, attachments } = artifact
        // What was bytes comes from the worker as base64
        const text = Buffer.from(String(attachments?.[0]?.body), 'base64').toString()
        const annotation = test.annotations().find(({ type }) => type.startsWith(service + ' '))
        return [{ service, shared, text, attached: annotation?.attachment !== undefined }]
      })
      if (logs.length > 0) this.#found[test.module.relativeModuleId + ' > ' + test.fullName] = logs
    }

    onTestRunEnd(): void {
      console.log('ARTIFACTS ' + JSON.stringify(this.#found))
    }
  }
`

/** One run of Vitest for all tests that read the output and the files of a failed run. */
// biome-ignore lint/correctness/noEmptyPattern: Vitest reads the parameter's source
const test = base.extend('failed', { scope: 'file' }, async ({}, { onCleanup }) => {
  const own = new Project({ ...logs, 'reporter.ts': REPORTER })
  onCleanup(() => own.remove())
  const outcome = await runVitest(own, { args: ['--reporter=./reporter.ts'] })
  return { ...outcome, kept: own.path('.vitest/cluster') }
})

test('a failed test shows the lines that its services logged during it, and no others', async ({
  failed: { output, exitCode },
}) => {
  expect(exitCode).toBe(1)
  const failure = output.slice(output.indexOf('FAIL  fails.spec.ts > fails'))
  const shown = failure.slice(failure.indexOf('❯ polly wrote'), failure.indexOf('⎯⎯⎯'))
  expect(shown.split('\n').map((line) => line.trim())).toEqual([
    '❯ polly wrote during this test',
    '↳ polly spoke in the test that failed',
    '❯ jack wrote during this test',
    '↳ (the attachment has 5 earlier lines)',
    ...Array.from({ length: 20 }, (_, i) => `jack says ${i + 5}`),
    '',
    '',
  ])
  // Not those of tests that passed at once or after a retry, or failed as expected
  expect(output).not.toContain('said by')
})

test('the attachments of a failed test have every line of its logs', async ({
  failed: { output },
}) => {
  const artifacts = /ARTIFACTS (.*)/.exec(output)?.[1] ?? ''
  const jack = Array.from({ length: 25 }, (_, i) => `jack says ${i}`)
  expect(JSON.parse(artifacts)).toEqual({
    'fails.spec.ts > fails': [
      {
        service: 'polly',
        shared: [],
        text: 'polly spoke in the test that failed\n',
        attached: false,
      },
      { service: 'jack', shared: [], text: `${jack.join('\n')}\n`, attached: true },
    ],
  })
})

test('tests that use a service at the same time are marked, and do not get lines of services that others use', async () => {
  const meets = (own: string, other: string) =>
    spec(`
      test('alone', async ({ shared }) => {
        await shared.hears('${own} alone')
      })

      test('meets the other file', async ({ shared, only${own} }) => {
        await only${own}.hears('only ${own}')
        await shared.hears('${own} was here')
        await shared.log.waitFor('${other} was here')
        expect('${own}').toBe('done')
      })
    `)
  const written = project({
    'cluster.config.ts': `
      import { defineCluster } from 'vitest-cluster'
      import { parrot } from './parrot.ts'

      export default defineCluster({ services: { shared: parrot(), onlyA: parrot(), onlyB: parrot() } })
    `,
    'a.spec.ts': meets('A', 'B'),
    'b.spec.ts': meets('B', 'A'),
  })
  const { output } = await runVitest(written, { args: ['--maxWorkers=2'] })
  for (const [own, other] of [
    ['A', 'B'],
    ['B', 'A'],
  ]) {
    const name = `${own?.toLowerCase()}.spec.ts > meets the other file`
    const failure = output.slice(output.indexOf(`FAIL  ${name}`)).split('⎯⎯⎯')[0]
    expect(failure).toContain(`${own} was here`)
    expect(failure).toContain(`only ${own}`)
    expect(failure).toMatch(
      new RegExp(
        `\\(some lines may belong to .*${other?.toLowerCase()}.spec.ts > meets the other file`,
      ),
    )
    expect(failure).not.toContain(`only ${other}`)
    expect(failure).not.toContain(`${own} alone`)
  }
})

test('each failure of two files with one ldap shows the lines of its own test', async () => {
  const adds = (own: string, other: string) =>
    spec(`
      test('${own} is added', async ({ ldap }) => {
        await ldap.addUser({ uid: '${own}' })
        // Both files are at work: neither test ends before the other has added its user
        await ldap.log.waitFor('ADD dn="uid=${other},')
        expect('${own}').toBe('somebody else')
      })
    `)
  const written = project({
    'cluster.config.ts': `
      import { ldap } from '@vitest-cluster/fixtures'
      import { defineCluster } from 'vitest-cluster'

      export default defineCluster({ services: { ldap: ldap({ suffix: 'dc=example' }) } })
    `,
    'alice.spec.ts': adds('alice', 'bob'),
    'bob.spec.ts': adds('bob', 'alice'),
  })
  const { output } = await runVitest(written, { args: ['--maxWorkers=2'] })
  for (const [own, other] of [
    ['alice', 'bob'],
    ['bob', 'alice'],
  ]) {
    const failure = output.slice(output.indexOf(`FAIL  ${own}.spec.ts`)).split('⎯⎯⎯')[0]
    expect(failure).toMatch(new RegExp(`ldap wrote during this test[^]*ADD dn="uid=${own},`))
    expect(failure).toContain(`(some lines may belong to ${other}.spec.ts > ${other} is added,`)
  }
})

test('a failed run keeps all logs in one directory and prints its path', async ({
  failed: { output, sessions, kept },
}) => {
  const place = /all logs of session [0-9a-f]{8}: (.+)/.exec(output)?.[1] ?? ''
  expect(sessions).toBe(1)
  expect(place.startsWith(kept)).toBe(true)
  expect((await readdir(place)).filter((name) => name.endsWith('.log')).sort()).toEqual(
    expect.arrayContaining(['jack.log', 'mute.log', 'polly.log']),
  )
  expect(await readFile(join(place, 'polly.log'), 'utf8')).toContain('said by a test that passed')
})

test('a failed run has a report page, with its failure, services and tests', async ({
  failed: { output },
}) => {
  const page = await readFile(/report of session [0-9a-f]{8}: (.+)/.exec(output)?.[1] ?? '', 'utf8')
  expect(page).toContain(': 1 of 4 tests failed</h1>')
  expect(page).toContain('<h3>fails.spec.ts &gt; fails</h3>')
  expect(page).toContain('jack wrote 25 lines during this test')
  // The unit's properties in systemd, and the data of its control group
  expect(page).toMatch(/ExecStart=.*\/bin\/sh/)
  expect(page).toMatch(/<dt>processor time<\/dt><dd>\d+ (µs|ms)<\/dd>/)
  expect(page).toContain(
    '<li>fails.spec.ts &gt; fails <span class="state failed">failed</span></li>',
  )
})

test('a run that passed has a report page if it is requested', async () => {
  const { output } = await runVitest(project(plugin), { env: { VITEST_CLUSTER_REPORT: '1' } })
  const path = /report of session [0-9a-f]{8}: (.+)/.exec(output)?.[1] ?? ''
  expect(await readFile(path, 'utf8')).toContain(': 3 tests passed</h1>')
})
