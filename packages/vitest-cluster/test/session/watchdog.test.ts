// @module-tag user
// @module-tag systemd
/** `unit: { WatchdogSec }`, with a program that uses the protocol of sd_notify(3). */
import { expect, test } from 'vitest'
import { defineService, type ServiceInput } from '../../src/index.ts'
import { assertService, whyDown } from '../../src/session/health.ts'
import { noticed } from '../helpers/noticed.ts'
import { up } from '../helpers/session.ts'

/** Sends WATCHDOG=1 until there is a file `hang`, often: the machine may be busy. */
const PROGRAM = `
import os, socket, time
address = os.environ['NOTIFY_SOCKET']
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.connect('\\0' + address[1:] if address[0] == '@' else address)
assert int(os.environ['WATCHDOG_PID']) == os.getpid()
notify.send(b'READY=1')
print('up', flush=True)
while not os.path.exists('hang'):
    notify.send(b'WATCHDOG=1')
    time.sleep(int(os.environ['WATCHDOG_USEC']) / 8e6)
os.remove('hang')
print('hangs', flush=True)
time.sleep(1000)
`
const watched = (unit: ServiceInput['unit'], ready: ServiceInput['ready'] = 'notify') =>
  defineService({
    kind: 'watched',
    programs: ['python3'],
    command: () => ['python3', '-c', PROGRAM],
    ready,
    unit: { WatchdogSec: 2, ...unit },
  })

test('a service that misses its watchdog is killed, and restarted if its policy says so', async () => {
  await using session = await up({
    alone: watched({}),
    // Longer than a busy machine needs to read how it ended: systemd forgets that with the restart
    restarted: watched({ Restart: 'on-watchdog', RestartSec: 1 }, { logLine: '^up$' }),
    healthy: watched({}, 'started'),
  })
  const [alone, restarted] = await Promise.all([
    session.handle('alone'),
    session.handle('restarted'),
  ])
  const { status } = session.plan.paths
  const mark = await restarted.log.mark()
  await Promise.all([alone.exec(['touch', 'hang']), restarted.exec(['touch', 'hang'])])
  await noticed(status, () => assertService(status, 'alone'), 'SERVICE_FAILED')
  const says = 'is down: it did not notify the watchdog in time and was killed'
  expect(whyDown(status, 'alone')?.message).toBe(says)
  await restarted.log.waitFor(/^up$/, { since: mark })
  await restarted.start()
  const ends = await session.unexpectedEnds()
  expect(ends).toMatchObject([
    { service: 'alone', failed: true, details: { log: ['up', 'hangs'] } },
    {
      service: 'restarted',
      failed: false,
      details: { message: expect.stringContaining('did not notify the watchdog in time') },
    },
  ])
  expect(whyDown(status, 'restarted')).toBeUndefined()
  expect(whyDown(status, 'healthy')).toBeUndefined()
})
