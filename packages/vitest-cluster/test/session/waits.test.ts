// @module-tag private
/** No wait lasts longer because the manager has died or hangs. */
import { describe, expect, test } from 'vitest'
import { reason } from '../../../../test/support/isolations.ts'
import { defineCluster, openSession, type ServiceDefinition } from '../../src/index.ts'
import { checked } from '../helpers/failure.ts'
import { isUserManager, signal, USERS } from '../helpers/own-manager.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import { processesOf } from '../helpers/processes.ts'
import { NEVER, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'
import { skipWhen } from '../helpers/situation.ts'

/** Resolves when the session runs a program. */
async function running(id: string, program: string) {
  await expect.poll(() => processesOf(id, program), { timeout: 10_000 }).not.toEqual([])
}

/** The error of the work, which has to fail in less time than a call to a manager may take. */
async function failing(work: Promise<unknown>) {
  const began = Date.now()
  const error = checked(
    await work.then(
      () => expect.unreachable('it worked'),
      (reason: unknown) => reason,
    ),
  )
  expect(Date.now() - began).toBeLessThan(8_000)
  return error
}

describe.for(['manager', 'bus'] as const)('no call hangs if the %s dies', (victim) => {
  const code = expect.stringMatching(/^(MANAGER|BUS)_LOST$/)

  test('while the cluster starts', async ({ skip }) => {
    skipWhen(skip, await isUserManager(), USERS)
    const temporary = await ownTemporary()
    const opening = up({ slow: script('exec sleep 1234', NEVER) })
    opening.catch(() => {})
    await expect.poll(() => temporary.ids(), { timeout: 10_000 }).not.toEqual([])
    const [id = ''] = await temporary.ids()
    await running(id, 'sleep\x001234')
    await signal(id, victim, 'SIGKILL')
    expect(await failing(opening)).toMatchObject({ code })
    await temporary.nothingLeft()
  })

  test('while exec and restart run', async ({ skip }) => {
    skipWhen(skip, await isUserManager(), USERS)
    const temporary = await ownTemporary()
    const once = script('[ ! -e once ] || exec sleep 1234; touch once; echo up; exec sleep 99', {
      ready: { logLine: 'up' },
      readyTimeout: 60_000,
    })
    {
      await using session = await up({ once })
      const { exec, restart } = await session.handle('once')
      const works = [exec(['sleep', '4321']), restart()]
      for (const work of works) work.catch(() => {})
      await running(session.id, 'sleep\x004321')
      await running(session.id, 'sleep\x001234')
      await signal(session.id, victim, 'SIGKILL')
      for (const work of works) expect(await failing(work)).toMatchObject({ code })
    }
    await temporary.nothingLeft()
  })

  test('while close() waits for a service to stop', async ({ skip }) => {
    skipWhen(skip, await isUserManager(), USERS)
    const temporary = await ownTemporary()
    const session = await up({ deaf: deaf() })
    const closing = session.close()
    const { log } = session.plan.services['deaf'] ?? { log: '' }
    const { readLog } = await import('../../src/logs/file.ts')
    await expect
      .poll(async () => `${await readLog(log, 0, 100)}`, { timeout: 10_000 })
      .toContain('TERM')
    await signal(session.id, victim, 'SIGKILL')
    const began = Date.now()
    await closing
    expect(Date.now() - began).toBeLessThan(8_000)
    await temporary.nothingLeft()
  })
})

// A manager in a tree is reached through systemd-stdio-bridge(1), which still answers
test.for(['chroot', 'range'] as const)(
  'close() does not wait for a manager that hangs: %s',
  async (isolation, { skip }) => {
    skipWhen(skip, isolation === 'chroot' && (await isUserManager()), USERS)
    const missing = await reason(isolation)
    skipWhen(skip, missing !== undefined, missing ?? '')
    const temporary = await ownTemporary()
    const session = await openSession(defineCluster({ isolation, services: { deaf: deaf() } }))
    await signal(session.id, 'manager', 'SIGSTOP')
    const began = Date.now()
    await session.close()
    expect(Date.now() - began).toBeLessThan(8_000)
    await temporary.nothingLeft()
  },
)

/** A service that ignores its stop signal. */
function deaf(): ServiceDefinition {
  const text = "trap 'echo TERM' TERM; echo up; while :; do sleep 0.05; done"
  return script(text, { ready: { logLine: 'up' }, stopSignal: 'SIGTERM', stopTimeout: 60_000 })
}
