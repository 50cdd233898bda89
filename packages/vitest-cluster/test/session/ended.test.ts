// @module-tag user
// @module-tag systemd
import { expect, test } from 'vitest'
import type { ServiceInput } from '../../src/index.ts'
import { assertService, whyDown } from '../../src/session/health.ts'
import { Manager } from '../../src/systemd/manager.ts'
import { failureOf } from '../helpers/failure.ts'
import { noticed } from '../helpers/noticed.ts'
import { processesOf } from '../helpers/processes.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

const notify = { ready: 'notify' } as const

/** A service, a part of the message, and the beginning of the fix. */
const STARTS: readonly (readonly [
  text: string,
  options: Partial<ServiceInput>,
  says: string,
  fix: string,
])[] = [
  ['exit 3', notify, 'failed to start: exit status 3 [', 'It wrote nothing. Run its command'],
  ['echo no; exit 3', notify, 'failed to start: exit status 3 [', 'See its last lines. Fix'],
  ['exit 203', notify, 'failed to start: exit status 203', 'It wrote nothing. '],
  ['kill -9 $$', notify, 'killed by signal 9 (SIGKILL) [', 'It wrote nothing. '],
  ['kill $$', notify, 'failed to start: killed by signal 15 (SIGTERM) [', 'It wrote nothing. '],
  [
    'exit 0',
    notify,
    'failed to start: its program ended with success before it was ready (exit status 0) [',
    'It wrote nothing. If the program is a daemon',
  ],
  [
    'exit 0',
    { ready: 'forking' },
    'failed to start: its first process ended with exit status 0 and left no other process [',
    "It wrote nothing. ready: 'forking' is for a program that leaves a daemon",
  ],
  ['exit 4', { ready: 'forking' }, 'failed to start: exit status 4 [', 'It wrote nothing. '],
  [
    'sleep 1000',
    { ...notify, readyTimeout: 100 },
    'was not ready within 0.1 s; awaited: READY=1',
    'It wrote nothing. If it is slow to start',
  ],
]

test.for(STARTS)(
  'the failed start of `%s` with %j has one reason',
  async ([text, options, says, fix]) => {
    const { message, details } = await failureOf({ web: script(text, options) })
    expect(message).toContain(says)
    expect(details.fix?.startsWith(fix)).toBe(true)
    expect(message).not.toMatch(/result '|never ran/)
  },
)

test('a service that ends while the session is up has one reason', async () => {
  const waits = (word: string, STATUS = '0') =>
    script(`trap "exit $STATUS" USR1; : ${word}; while :; do sleep 0.01; done`, {
      env: () => ({ STATUS }),
    })
  await using session = await up({
    quick: waits('quick'),
    own: waits('own', '203'),
    killed: waits('killed'),
    db: waits('db'),
    web: script('exec sleep 1000', { dependsOn: ['db'] }),
  })
  const { status } = session.plan.paths
  const down = async (name: keyof typeof session.plan.services & string) => {
    const handle = await session.handle(name as 'db')
    const look = () => assertService(status, name)
    await noticed(status, look, 'SERVICE_FAILED')
    expect(handle.name).toBe(name)
    return whyDown(status, name)
  }
  for (const [name, signal, says] of [
    ['quick', 'SIGUSR1', 'is down: exit status 0'],
    ['own', 'SIGUSR1', 'is down: exit status 203'],
    ['killed', 'SIGKILL', 'is down: killed by signal 9 (SIGKILL)'],
  ] as const) {
    const [pid = 0] = await processesOf(session.id, `: ${name};`)
    process.kill(pid, signal)
    expect((await down(name))?.message).toBe(says)
  }
  const manager = await Manager.connect(session.plan.manager.address)
  await manager
    .stop(session.plan.services['db']?.unit.name ?? '')
    .finally(() => manager.disconnect())
  expect(await down('web')).toMatchObject({
    message: 'is down: systemd stopped it',
    fix: 'Another program, such as systemctl, stopped it, or a service that it depends on (db). restart() starts it again.',
  })
  expect(await down('db')).toMatchObject({
    message: 'is down: systemd stopped it',
    fix: 'Another program, such as systemctl, stopped it. restart() starts it again.',
  })
})
