import { expect, test } from 'vitest'
import type { Services } from '../../src/definition/cluster.ts'
import {
  described,
  difference,
  withoutService,
  withoutServices,
  withRestart,
  withService,
} from '../../src/plan/difference.ts'
import { planSession } from '../../src/plan/plan-session.ts'
import type { SessionPlan } from '../../src/plan/session-plan.ts'
import { ground } from '../helpers/planned.ts'
import { script } from '../helpers/services.ts'

/** `web` requires `api`, which requires `db`; `other` stands alone. */
async function planned(
  options: { readonly conf?: string; readonly key?: string; readonly flag?: string } = {},
): Promise<SessionPlan> {
  const { conf = 'a', key = '1', flag = '' } = options
  const services: Services = {
    db: script('exec db', {
      stopSignal: 'SIGTERM',
      state: { inputs: () => key, make: async () => {} },
      files: () => ({ 'db.conf': conf, fixed: 'text' }),
    }),
    api: script(`exec api ${flag}`, { dependsOn: ['db'], clientFiles: () => ({ token: conf }) }),
    web: script('exec web', { dependsOn: ['api'] }),
    other: script('exec other', { stopSignal: 'SIGTERM', killAtEnd: true }),
  }
  return planSession({ services }, ground('chroot', services), { ports: {}, values: {} })
}

const lines = (from: SessionPlan | undefined, to: SessionPlan | undefined) =>
  described(difference(from, to))

test('opening is the difference from an empty plan, closing the difference to one', async () => {
  const plan = await planned()
  expect(lines(undefined, plan)).toEqual([
    "make the session's root file system, and start its manager",
    'prepare the state of db',
    'write /srv/db/db.conf',
    'write /srv/db/fixed',
    'write token for clients of api',
    ...['start db', 'start api', 'start web', 'start other'],
  ])
  expect(lines(plan, undefined)).toEqual(['stop db', 'stop what is left, and remove the session'])
  expect([lines(plan, plan), lines(undefined, undefined)]).toEqual([[], []])
})

test('a changed file is written, and its service and dependents are restarted', async () => {
  const [from, to] = [await planned(), await planned({ conf: 'b' })]
  expect(lines(from, to)).toEqual([
    ...['stop web', 'stop api', 'stop db'],
    ...['write /srv/db/db.conf', 'write token for clients of api'],
    ...['start db', 'start api', 'start web'],
  ])
})

test('a changed client file restarts nothing', async () => {
  const from = await planned()
  const api = from.services['api'] as SessionPlan['services'][string]
  const to = {
    ...from,
    services: {
      ...from.services,
      api: { ...api, clientFiles: { b: { content: '', mode: 0o600 } } },
    },
  }
  expect(lines(from, to)).toEqual(['remove token for clients of api', 'write b for clients of api'])
})

test('a changed unit is stopped, so that systemd unloads the old one', async () => {
  const [from, to] = [await planned(), await planned({ flag: '-x' })]
  expect(difference(from, to)).toEqual([
    // A loaded dependent also keeps the unit that it requires loaded
    { step: 'stop', service: 'web', unload: true },
    { step: 'stop', service: 'api', unload: true },
    { step: 'start', service: 'api' },
    { step: 'start', service: 'web' },
  ])
  // Also if the services are down: they may have changed their files
  expect(lines(withoutServices(from), to)).toEqual([
    ...['stop web', 'stop api', 'write /srv/db/db.conf', 'write /srv/db/fixed'],
    'write token for clients of api',
    ...['start db', 'start api', 'start web', 'start other'],
  ])
})

test('a changed state is prepared while its service is stopped', async () => {
  const [from, to] = [await planned(), await planned({ key: '2' })]
  expect(lines(from, to)).toEqual([
    ...['stop web', 'stop api', 'stop db', 'prepare the state of db'],
    // Its directory is removed
    ...['write /srv/db/db.conf', 'write /srv/db/fixed'],
    ...['start db', 'start api', 'start web'],
  ])
})

test('stopping a service also stops its dependents, and starting it starts them', async () => {
  const plan = await planned()
  const stopped = withoutService(plan, 'api')
  expect(lines(plan, stopped)).toEqual(['stop web', 'stop api'])
  expect(lines(stopped, withService(stopped, 'web'))).toEqual(['start api', 'start web'])
  expect(lines(plan, withRestart(plan, 'db'))).toEqual(['restart db'])
  expect(() => withService(plan, 'cache')).toThrow("the session has no service 'cache'")
})

test('a removed service is stopped, a new one is started', async () => {
  const plan = await planned()
  const { other, ...services } = plan.services
  const without = { ...plan, services }
  expect(difference(plan, without)).toEqual([{ step: 'stop', service: 'other', unload: true }])
  expect(difference(without, plan)).toEqual([{ step: 'start', service: 'other' }])
})

test('a change that affects all services closes the session and opens it again', async () => {
  const plan = await planned()
  const moved = { ...plan, baseDirectory: '/elsewhere' }
  expect(difference(plan, moved)).toEqual([
    ...difference(plan, undefined),
    ...difference(undefined, moved),
  ])
})

test('steps are plain data', async () => {
  const steps = difference(undefined, await planned())
  expect(JSON.parse(JSON.stringify(steps))).toEqual(steps)
})
