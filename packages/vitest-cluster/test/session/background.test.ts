// @module-tag user
/** Daemons that go to the background although their definition has another readiness. */
import { expect, test } from 'vitest'
import { defineService, type Ready } from '../../src/index.ts'
import { failureOf } from '../helpers/failure.ts'
import { memcached, script } from '../helpers/services.ts'

/**
 * Runs a daemon, and ends when the readiness script of the service runs: systemd may start the script only after the
 * end of the first process, and then the daemon is not seen.
 */
const WATCHED = `
"$@" || exit
waits() {
  for file in $(grep -lxsF "$(grep ^0:: /proc/self/cgroup)" /proc/[0-9]*/cgroup); do
    ! grep -qs 'ready[-]' "\${file%cgroup}cmdline" || return 0
  done
  return 1
}
until waits; do sleep 0.01; done
`

/** memcached as a daemon. */
function daemon(ready: Ready) {
  const foreground = memcached({ ready })
  const watched = ready === 'listening' ? [] : ['/bin/sh', '-c', WATCHED, 'watched']
  return defineService({
    ...foreground,
    ports: ['memcached'],
    command: (context) => {
      const [program = '', ...argv] = foreground.command(context)
      const path = watched.length > 0 ? `/usr/bin/${program}` : program
      return [...watched, path, ...argv, '-d', '-P', '/srv/cache/pid']
    },
    // The test does not wait for the line or the success that never comes
    readyTimeout: 20_000,
  })
}

test.for(['listening', { logLine: 'never' }, { exec: ['/bin/false'] }] as const)(
  'a daemon with ready: %j is an error with the fix',
  async (ready) => {
    const error = await failureOf({ cache: daemon(ready) })
    expect(error).toMatchObject({
      code: 'SERVICE_FAILED',
      details: { service: 'cache', fix: expect.stringContaining("ready: 'forking'") },
    })
    // It may listen before it goes to the background
    const words =
      ready === 'listening'
        ? /went to the background|ended with success/
        : /^cache: failed to start: its program went to the background: .*\(memcached\) runs in the background$/ms
    expect(error.message).toMatch(words)
  },
)

test('a program that exits before it is ready is not reported as a daemon', async () => {
  const one = script('echo usage: one; exit 0', { ready: { logLine: 'never' } })
  const error = await failureOf({ one })
  expect(error.message).toContain('one: failed to start: its program ended with success before')
  expect(error.message).not.toContain('runs in the background')
})
