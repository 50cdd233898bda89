// @module-tag user
// @module-tag private
/** A client's own connection to the manager: it may be lost, or not be listened to for a while. */
import { expect, test } from 'vitest'
import { SessionClient } from '../../src/client/client.ts'
import { Manager } from '../../src/systemd/manager.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

test('a client connects again, after an error, when its connection was lost', async () => {
  await using session = await up({ box: script('exec sleep infinity') })
  const manager = await Manager.connect(session.plan.manager.address)
  const client = new SessionClient(session.plan, { manager })
  const box = await client.handle('box', {})
  const running = box.exec(['sh', '-c', 'echo begun; exec sleep 60'])
  running.catch(() => {})
  await box.exec(['true'])
  manager.disconnect()
  await expect(running).rejects.toMatchObject({
    code: 'BUS_LOST',
    details: { fix: expect.stringContaining('The next use connects again') },
  })
  expect((await box.exec(['echo', 'well'])).stdout).toBe('well\n')
  await box.restart()
  await client.disconnect()
})

test('a process that was busy itself takes the manager for no one that hangs', async () => {
  await using session = await up({ box: script('exec sleep infinity') })
  const manager = await Manager.connect(session.plan.manager.address)
  const answers = manager.answers(100)
  const end = performance.now() + 300
  while (performance.now() < end);
  expect(await answers).toBe(true)
  manager.disconnect()
})

test('two who restart a service at the same moment are both told that it is up', async () => {
  await using session = await up({ box: script('exec sleep infinity') })
  const box = await session.handle('box')
  await Promise.all([box.restart(), box.restart()])
  await box.exec(['true'])
})
