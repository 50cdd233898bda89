/** vi.useFakeTimers() in a test does not affect the library's timers. */
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SessionClient } from '../../src/client/client.ts'
import { monotonic } from '../../src/timers.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('waits for a log, a program or the manager end in time under fake timers', {
  timeout: 20_000,
}, async () => {
  const begun = monotonic()
  await using session = await up({
    box: script('echo ready; exec sleep infinity', { ready: { logLine: 'ready' } }),
  })
  // Opens its own connection, like a worker
  const client = new SessionClient(session.plan)
  const { log, exec, restart } = await client.handle('box', {})
  await expect(log.waitFor('never', { timeout: 50 })).rejects.toMatchObject({ code: 'LOG_TIMEOUT' })
  expect((await exec(['echo', 'well'])).stdout).toBe('well\n')
  // Longer than the second after which the manager is asked whether it is still there
  await expect(exec(['sleep', '60'], { timeout: 1_500 })).rejects.toThrow('within 1500 ms')
  await expect(exec(['cat'], { input: new PassThrough(), timeout: 50 })).rejects.toThrow(
    'did not end within 50 ms',
  )
  await restart()
  expect(vi.getTimerCount()).toBe(0)
  expect(monotonic() - begun).toBeGreaterThan(1_500_000)
  await client.disconnect()
})
