// @module-tag user
// @module-tag private
// @module-tag systemd
import { expect, test } from 'vitest'
import { checked } from '../helpers/failure.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import { redis, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

test('close() reports a service that ignored SIGTERM, and kills it', async () => {
  const temporary = await ownTemporary()
  const session = await up({
    deaf: script('trap "" TERM; echo cannot hear; while :; do sleep 1; done', {
      stopSignal: 'SIGTERM',
      stopTimeout: 200,
      ready: { logLine: 'hear' },
    }),
    fine: redis({ stopSignal: 'SIGTERM' }),
  })
  const error = checked(await session.close().catch((error: unknown) => error))
  expect(error).toMatchObject({ code: 'STOP_TIMEOUT', details: { service: 'deaf' } })
  expect(error.message).toContain('deaf: did not end within 0.2 s of SIGTERM and was killed')
  expect(error.message).toContain('cannot hear')
  expect(error.message).toContain('a longer stopTimeout')
  expect(await temporary.leftovers()).toEqual([])
})

test('close() does not report a service that was not ready again after a restart', async () => {
  const session = await up({
    once: script('test ! -e again || exec sleep 100; : >again; echo up; exec sleep 100', {
      stopSignal: 'SIGTERM',
      readyTimeout: 2_000,
      ready: { logLine: 'up' },
    }),
  })
  const once = await session.handle('once')
  await expect(once.restart()).rejects.toMatchObject({ code: 'NOT_READY' })
  await session.close()
})

test('processes that a service left running end with the session', async () => {
  const temporary = await ownTemporary()
  const session = await up({
    parent: script(
      'setsid sleep 1234 & trap "" TERM HUP; (sleep 1235 &); echo up; exec sleep 1236',
      {
        ready: { logLine: 'up' },
      },
    ),
  })
  await session.close()
  expect(await temporary.ids()).toEqual([session.id])
  expect(await temporary.leftovers()).toEqual([])
})

test('a closed session leaves nothing', async () => {
  const temporary = await ownTemporary()
  const session = await up({ redis: redis(), other: redis() })
  // The helper finds the session's parts while it is open
  expect((await temporary.leftovers()).join('\n')).toMatch(
    /directory .*process .*cgroup .*lock of port .*listener on port /s,
  )
  await session.close()
  expect(await temporary.leftovers()).toEqual([])
})
