import { expect, onTestFinished, test } from 'vitest'
import { apply } from '../../src/apply/apply.ts'
import { SessionClient } from '../../src/client/client.ts'
import { defineCluster, defineService, type Services } from '../../src/index.ts'
import { endSession } from '../../src/lifetime/end.ts'
import { withoutService } from '../../src/plan/difference.ts'
import { planSession } from '../../src/plan/plan-session.ts'
import type { SessionPlan } from '../../src/plan/session-plan.ts'
import { chooseSession } from '../../src/session/find.ts'
import { Manager } from '../../src/systemd/manager.ts'
import { up } from '../helpers/session.ts'

/** `db` has a state and a file. `web` requires `db` and logs its start; `other` has no dependencies. */
function services({ state = '1', conf = 'a', flag = '' } = {}): Services {
  const idle = (words: string) => ['/bin/sh', '-c', `${words}; exec sleep infinity`]
  return {
    db: defineService({
      kind: 'db',
      accounts: [{ name: 'db' }],
      user: 'db',
      state: {
        inputs: () => ['apply.test', state],
        make: ({ write }) => write({ rows: `rows ${state}`, [`of-${state}`]: '' }),
      },
      files: () => ({ 'db.conf': conf, [`only-${conf}`]: '' }),
      clientFiles: () => ({ token: conf }),
      command: () => idle('echo up as $$; touch made-by-service'),
      ready: { logLine: '^up' },
    }),
    web: defineService({
      kind: 'web',
      dependsOn: ['db'],
      command: () => idle(`echo flag ${flag}.`),
      ready: { logLine: '^flag' },
    }),
    other: defineService({
      kind: 'other',
      accounts: [{ name: 'other' }],
      user: 'other',
      command: () => idle('touch mine; echo up'),
      ready: { logLine: '^up' },
    }),
  }
}

/** The same session with other definitions. */
function replanned(plan: SessionPlan, options: Parameters<typeof services>[0]) {
  const cluster = defineCluster({ services: services(options) })
  return planSession(cluster, plan, { ports: {}, values: {} })
}

async function pids({ services }: SessionPlan, manager: Manager) {
  const all = Object.values(services).map(async ({ name, unit }) => {
    const main = await manager.properties(unit.name, 'Service', ['MainPID'])
    return [name, Number(main?.['MainPID'])] as const
  })
  return Object.fromEntries(await Promise.all(all))
}

test('applying a new plan to a running session changes only what differs', async () => {
  const session = await up(services(), { purpose: 'up' })
  const { plan } = session
  const manager = await Manager.connect(plan.manager.address)
  // Only the process that opened a session can replace its units while it holds the session
  const flagged = await replanned(plan, { flag: '-x' })
  await expect(apply(plan, flagged, { manager })).rejects.toMatchObject({ code: 'SESSION_BUSY' })
  await session.detach()
  onTestFinished(async () => {
    manager.disconnect()
    await endSession(await chooseSession({ id: plan.id }))
  })
  const client = new SessionClient(plan, { manager })
  const db = await client.handle('db', {})
  const listed = async () => (await db.exec(['ls', '-A'])).stdout.trim().split('\n')
  const first = await pids(plan, manager)
  expect(await listed()).toEqual(['db.conf', 'made-by-service', 'of-1', 'only-a', 'rows'])

  await apply(withoutService(plan, 'web'), flagged, { manager })
  const second = await pids(plan, manager)
  expect(second).toEqual({ ...first, web: expect.any(Number) })
  const web = await client.handle('web', {})
  expect(await web.log.tail()).toContain('flag -x.')

  const options = { flag: '-x', conf: 'b' }
  const other = await replanned(plan, options)
  await apply(flagged, other, { manager })
  const third = await pids(plan, manager)
  expect(third['other']).toBe(first['other'])
  expect([third['db'] === first['db'], third['web'] === second['web']]).toEqual([false, false])
  expect(await listed()).toEqual(['db.conf', 'made-by-service', 'of-1', 'only-b', 'rows'])
  expect((await db.exec(['cat', 'db.conf'])).stdout).toBe('b')

  const stated = await replanned(plan, { ...options, state: '2' })
  await apply(other, stated, { manager, services: services({ ...options, state: '2' }) })
  expect(await listed()).toEqual(['db.conf', 'made-by-service', 'of-2', 'only-b', 'rows'])
  expect((await db.exec(['cat', 'rows'])).stdout).toBe('rows 2')
  const owner = await db.exec(['stat', '-c', '%U', 'rows', 'db.conf', 'made-by-service'])
  const beside = await (await client.handle('other', {})).exec(['stat', '-c', '%U', 'mine', '.'])
  if (plan.uids === 'many') expect(owner.stdout + beside.stdout).toBe('db\ndb\ndb\nother\nother\n')
})
