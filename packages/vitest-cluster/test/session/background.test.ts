// @module-tag user
/** Daemons that go to the background, where their definition says something else. */
import { expect, test } from 'vitest'
import { defineService, type Ready } from '../../src/index.ts'
import { failureOf } from '../helpers/failure.ts'
import { memcached, script } from '../helpers/services.ts'

/** memcached as a daemon. */
function daemon(ready: Ready) {
  const foreground = memcached({ ready })
  return defineService({
    ...foreground,
    ports: ['memcached'],
    command: (context) => [...foreground.command(context), '-d', '-P', '/srv/cache/pid'],
    // A line of the log, or a success, that never comes is not what the test waits for
    readyTimeout: 20_000,
  })
}

test.for(['listening', { logLine: 'never' }, { exec: ['/bin/false'] }] as const)(
  'a daemon under ready: %j is told, with how to fix it',
  async (ready) => {
    const error = await failureOf({ cache: daemon(ready) })
    expect(error).toMatchObject({
      code: 'SERVICE_FAILED',
      details: { service: 'cache', mend: expect.stringContaining("ready: 'forking'") },
    })
    // It may listen first, or end before systemd has started what waits for it: then nobody sees what it left
    expect(error.message).toMatch(
      /^cache: failed to start: its program (went to the background: .*\(memcached\) runs in the background$|ended with success)/ms,
    )
  },
)

test('a program that just ends is no daemon, but may be one', async () => {
  const one = script('echo usage: one; exit 0', { ready: { logLine: 'never' } })
  const error = await failureOf({ one })
  expect(error.message).toContain('one: failed to start: its program ended with success before')
  expect(error.message).not.toContain('runs in the background')
})
