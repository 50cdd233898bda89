import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { passed, project, runVitest } from '../support/vitest.ts'

/** Where a project's runs keep logs. */
const kept = (name: string) => join(project(name), '.vitest')
const forget = () =>
  Promise.all(
    ['logs', 'logs-shared', 'plugin'].map((name) =>
      rm(kept(name), { recursive: true, force: true }),
    ),
  )
afterEach(forget)

test('a failed test shows what its services wrote while it ran, and nothing else', async () => {
  const { output, exitCode } = await runVitest('logs')
  expect(exitCode).toBe(1)
  const failure = output.slice(output.indexOf('FAIL  fails.spec.ts > fails'))
  const shown = failure.slice(failure.indexOf('❯ polly wrote'), failure.indexOf('⎯⎯⎯'))
  expect(shown.split('\n').map((line) => line.trim())).toEqual([
    '❯ polly wrote during this test',
    '↳ polly spoke in the test that failed',
    '❯ jack wrote during this test',
    '↳ (5 lines before these are in the attachment)',
    ...Array.from({ length: 20 }, (_, i) => `jack says ${i + 5}`),
    '',
    '',
  ])
  // Not of tests that passed, at once or at last, or failed as they should
  expect(output).not.toContain('said by')
})

test('the attachments have every line, for whoever reads the results', async () => {
  const { output } = await runVitest('logs', { args: ['--reporter=./reporter.ts'] })
  const artifacts = /ARTIFACTS (.*)/.exec(output)?.[1] ?? ''
  const jack = Array.from({ length: 25 }, (_, i) => `jack says ${i}`)
  expect(JSON.parse(artifacts)).toEqual({
    'fails.spec.ts > fails': [
      { service: 'polly', shared: [], text: 'polly spoke in the test that failed\n' },
      { service: 'jack', shared: [], text: `${jack.join('\n')}\n` },
    ],
  })
})

test('tests that share a service at the same time are told so, and get no lines of services that others use', async () => {
  const { output } = await runVitest('logs-shared', { args: ['--maxWorkers=2'] })
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
        `\\(shared: lines may be of .*${other?.toLowerCase()}.spec.ts > meets the other file`,
      ),
    )
    expect(failure).not.toContain(`only ${other}`)
    expect(failure).not.toContain(`${own} alone`)
  }
})

test('a failed run keeps all logs in one place and says where', async () => {
  const { output, sessions } = await runVitest('logs')
  const place = /all logs of session [0-9a-f]{8}: (.+)/.exec(output)?.[1] ?? ''
  expect(sessions).toBe(1)
  expect(place.startsWith(join(kept('logs'), 'cluster'))).toBe(true)
  expect((await readdir(place)).filter((name) => name.endsWith('.log')).sort()).toEqual(
    expect.arrayContaining(['jack.log', 'mute.log', 'polly.log']),
  )
  expect(await readFile(join(place, 'polly.log'), 'utf8')).toContain('said by a test that passed')
})

test('a session that does not start keeps its logs too', async () => {
  onTestFinished(() => rm(kept('failing-service'), { recursive: true, force: true }))
  const { output } = await runVitest('failing-service')
  const place = /all logs: (.+)/.exec(output)?.[1] ?? ''
  expect(await readFile(join(place, 'cache.log'), 'utf8')).toContain('unrecognized option')
})

test('a run that passed says nothing of logs and keeps none', async () => {
  const { output } = await runVitest('plugin')
  expect(output).toMatch(passed(3))
  expect(output).not.toMatch(/vitest-cluster:|wrote during/)
  expect(existsSync(kept('plugin'))).toBe(false)
})
