// @module-tag user
// @module-tag private
/** A client's connection to the manager: it may be lost, or the client may be busy for a while. */
import { expect, test } from 'vitest'
import { SessionClient } from '../../src/client/client.ts'
import { Manager } from '../../src/systemd/manager.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

test('a client whose connection was lost reports an error, then connects again', async () => {
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
    details: { fix: expect.stringContaining('The next call connects again') },
  })
  expect((await box.exec(['echo', 'well'])).stdout).toBe('well\n')
  await box.restart()
  await client.disconnect()
})

test('a process that was busy does not report that the manager hangs', async () => {
  await using session = await up({ box: script('exec sleep infinity') })
  const manager = await Manager.connect(session.plan.manager.address)
  const answers = manager.answers(100)
  const end = performance.now() + 300
  while (performance.now() < end);
  expect(await answers).toBe(true)
  manager.disconnect()
})

test('two concurrent restarts of a service both succeed', async () => {
  await using session = await up({ box: script('exec sleep infinity') })
  const box = await session.handle('box')
  await Promise.all([box.restart(), box.restart()])
  await box.exec(['true'])
})
