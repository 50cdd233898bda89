// @module-tag user
// @module-tag systemd
import { expect, onTestFinished, test } from 'vitest'
import { defineService } from '../../src/index.ts'
import { whyDown } from '../../src/session/health.ts'
import { Manager } from '../../src/systemd/manager.ts'
import { failureOf } from '../helpers/failure.ts'
import { redis, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

test('a missing program is reported with the packages that have it, before anything runs', async () => {
  const needs = (name: string, debian: string) =>
    script('true', {
      programs: ['sh', { name, debian, fedora: 'the-fedora-one', arch: 'the-arch-one' }],
    })
  const error = await failureOf({
    one: needs('no-such-program', 'the-debian-one'),
    two: needs('/opt/none/either', 'another-one'),
    fine: redis(),
  })
  expect(error).toMatchObject({ code: 'MISSING_PROGRAM', details: { service: 'one, two' } })
  expect(error.message).toContain('no-such-program, /opt/none/either are not installed')
  expect(error.message).toMatch(/apt-get install .* the-debian-one another-one$/m)
  expect(error.message).toMatch(/dnf install the-fedora-one$/m)
  expect(error.message).toMatch(/pacman -S the-arch-one$/m)
})

test('a service that exits at once fails the start with its exit status and last lines', async () => {
  const talk = 'for i in $(seq 30); do echo "line $i"; done; '
  const failing = await failureOf({
    web: script(`${talk} exit 7`, { ready: { logLine: 'never' } }),
    db: redis(),
  })
  expect(failing).toMatchObject({ code: 'SERVICE_FAILED', details: { service: 'web' } })
  expect(failing.message).toMatch(/web: failed to start: .*exit status 7 \[SERVICE_FAILED\]/)
  expect(failing.message).toContain('line 30\n')
  expect(failing.message).not.toContain('line 2\n')
  expect(failing.details.unit).toMatch(/^vitest-cluster-[0-9a-f]{8}-web\.service$/)
})

test.for(['notify', 'listening', { logLine: 'never' }, { exec: ['/bin/false'] }] as const)(
  'a service that exits with 0 before it is ready (%j) fails the start',
  async (ready) => {
    const one = script('echo leaving; exit 0', { ports: ['http'], ready })
    const error = await failureOf({ one })
    expect(error).toMatchObject({ code: 'SERVICE_FAILED', details: { service: 'one' } })
    expect(error.message).toContain('leaving')
  },
)

test('a service that is killed fails the start with the signal', async () => {
  const error = await failureOf({ one: script('kill -ABRT $$', { ready: 'notify' }) })
  expect(error.message).toMatch(/^one: failed to start: .*killed by signal 6 /)
})

test('a command that cannot be executed fails the start', async () => {
  const command = (...argv: string[]) =>
    defineService({ kind: 'thing', command: () => argv, ready: 'started' })
  const missing = await failureOf({ one: command('/srv/one/not-there') })
  expect(missing.message).toContain(
    'its program cannot be executed: there is no /srv/one/not-there',
  )
  const directory = await failureOf({ one: command('/tmp') })
  expect(directory.message).toContain('its program cannot be executed: /tmp is a directory')
})

test.for([
  ['notify', 'READY=1 from the service (sd_notify)'],
  ['listening', 'a listening socket of the service on port '],
  ['forking', 'the end of its first process (Type=forking)'],
  [{ logLine: '^never$' }, 'a line of its log that matches "^never$"'],
  [{ exec: ['/bin/false', '-x'] }, 'the first success of: /bin/false -x'],
] as const)(
  'the error of a service that never becomes ready names the condition: %j',
  async ([ready, words]) => {
    const text = 'echo here I am; exec sleep infinity'
    const slow = script(text, { ports: ['http'], ready, readyTimeout: 1_500 })
    const error = await failureOf({ slow, fine: redis() })
    expect(error).toMatchObject({ code: 'NOT_READY', details: { service: 'slow' } })
    expect(error.message).toContain(`slow: was not ready within 1.5 s; awaited: ${words}`)
    expect(error.message).toContain('here I am')
    expect(error.message).toContain('readyTimeout')
  },
)

test('an error thrown by a function of the definition names that function, and nothing is left', async () => {
  const fails = () => {
    throw new TypeError('a mistake of mine')
  }
  const mine = (name: string) => ({
    code: 'FUNCTION_FAILED',
    message: expect.stringContaining(
      `one: its function ${name} threw TypeError: a mistake of mine [`,
    ),
    cause: expect.any(TypeError),
  })
  for (const name of ['values', 'files', 'clientFiles', 'command', 'env'] as const)
    expect(await failureOf({ one: script('true', { [name]: fails }) })).toMatchObject(mine(name))
  const state = { inputs: () => ({}), make: async () => fails() }
  expect(await failureOf({ one: script('true', { state }) })).toMatchObject(mine('state.make'))
})

test('a restart that waits for a dependency fails if the dependency does not start', async () => {
  const waits = 'until test -e $1; do sleep 0.05; done'
  const times = `wait() { ${waits}; }; test ! -e again || { wait fail; exit 3; }; : >again; echo up; wait never`
  await using session = await up({
    first: script(times, { ready: { logLine: 'up' } }),
    second: script('until test -e end; do sleep 0.05; done', { dependsOn: ['first'] }),
  })
  const [first, second] = await Promise.all([session.handle('first'), session.handle('second')])
  await second.exec(['touch', 'end'])
  await expect.poll(() => whyDown(session.plan.paths.status, 'second')).toBeDefined()
  const manager = await Manager.connect(session.plan.manager.address)
  onTestFinished(() => manager.disconnect())
  const failed = expect(first.restart()).rejects.toMatchObject({ code: 'SERVICE_FAILED' })
  const state = async () => (await manager.state(first.unit))?.activeState
  await expect.poll(state).toBe('activating')
  const waited = expect(second.restart()).rejects.toMatchObject({
    code: 'SERVICE_FAILED',
    message: expect.stringContaining('second: was not started: first failed to start'),
  })
  // Its job waits for the job of the first service
  const job = async () => (await manager.properties(second.unit, 'Unit', ['Job']))?.['Job']
  await expect.poll(job).toMatchObject([expect.any(Number), expect.not.stringMatching(/^\/$/)])
  await first.exec(['touch', 'fail'])
  await Promise.all([failed, waited])
})
