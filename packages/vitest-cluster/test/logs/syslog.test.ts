// @module-tag systemd user
/** What programs send to /dev/log (`syslog: true`). */
import { expect, test } from 'vitest'
import type { ServiceInput } from '../../src/index.ts'
import { failureOf } from '../helpers/failure.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

const logs = (name: string, options: Partial<ServiceInput> = {}) =>
  script(`logger -t ${name} ready; exec sleep infinity`, {
    ready: { logLine: 'ready' },
    syslog: true,
    ...options,
  })

test("messages of a service and of its exec are in its log, and of no other's", async () => {
  const none = script('exec sleep infinity')
  await using session = await up({ one: logs('one'), two: logs('two'), none })
  const one = await session.handle('one')
  const two = await session.handle('two')
  const other = await session.handle('none')
  await two.exec(['logger', '-t', 'later', '--', 'first\nsecond'])
  await other.exec(['logger', '-t', 'other', 'lost'], { allowFailure: true })
  expect(await one.log.text()).toBe('one: ready\n')
  expect(await two.log.text()).toBe('two: ready\nlater: first\nsecond\n')
})

test('the listener stays up when the service is restarted, and loses nothing in a flood', async () => {
  await using session = await up({ app: logs('app') })
  const { exec, log, restart } = await session.handle('app')
  await restart()
  expect(await log.text()).toBe('app: ready\napp: ready\n')
  const since = await log.mark()
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`)
  await exec(['logger', '-t', 'app'], { input: lines.join('\n') })
  expect(await log.text({ since })).toBe(lines.map((line) => `app: ${line}\n`).join(''))
})

test('the error of a service that failed has its last message', async () => {
  const text = 'logger -t app "last words"; exit 3'
  const { code, details } = await failureOf({
    app: script(text, { ready: { logLine: 'never' }, syslog: true }),
  })
  expect(code).toBe('SERVICE_FAILED')
  expect(details.log).toContain('app: last words')
})

test('account, groups, directory and variables are the same with and without syslog', async () => {
  const shows = (syslog: boolean) =>
    script(
      'id -u; id -g; id -G; pwd; env | sort | grep -v _ID= | grep -v _PID=; echo end; exec sleep infinity',
      {
        accounts: [{ name: 'www', groups: ['one', 'two'] }],
        user: 'www',
        group: 'one',
        env: () => ({ PATH: '/usr/bin:/srv', 'A-B': 'c d' }),
        syslog,
      },
    )
  await using session = await up({ app: shows(true), web: shows(false) })
  const [app, web] = await Promise.all([session.handle('app'), session.handle('web')])
  await Promise.all([app, web].map(({ log }) => log.waitFor('end')))
  const text = (await app.log.text()).replaceAll('app', 'web')
  expect(text).toBe(await web.log.text())
  const ids = ['sh', '-c', 'id -u; id -g; id -G']
  expect(await app.exec(ids)).toEqual(await web.exec(ids))
})
