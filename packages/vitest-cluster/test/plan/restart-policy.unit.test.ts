import { expect, test } from 'vitest'
import type { ServiceInput } from '../../src/index.ts'
import { unrequired } from '../../src/plan/restart-policy.ts'
import type { ServicePlan } from '../../src/plan/session-plan.ts'
import { difference } from '../helpers/planned.ts'

const settings = (options: Partial<ServiceInput>) => difference('chroot', options)

test('times are seconds in a definition and milliseconds in a plan; the default limit is that of systemd', () => {
  expect(
    settings({ unit: { Restart: 'always', RestartSec: 0.5, WatchdogSec: 3 } }),
  ).toMatchInlineSnapshot(`
    "Restart s "always"
    RestartUSec t 500000
    StartLimitBurst u 5
    StartLimitIntervalUSec t 10000000
    WatchdogUSec t 3000000
    NotifyAccess s "main""
  `)
  expect(
    settings({ unit: { Restart: 'always', StartLimitBurst: 3, StartLimitIntervalSec: 60 } }),
  ).toMatchInlineSnapshot(`
    "Restart s "always"
    StartLimitBurst u 3
    StartLimitIntervalUSec t 60000000"
  `)
})

test('a kill is a failure for the policy, though the stop signal counts as success', () => {
  const policy = (
    Restart: 'on-failure' | 'on-success' | 'always',
    more: Partial<ServiceInput> = {},
  ) => settings({ unit: { Restart }, ...more }).match(/Restart(Force|Prevent)ExitStatus.*/)?.[0]
  expect(policy('on-failure')).toMatchInlineSnapshot(`"RestartForceExitStatus (aiai) [[],[9]]"`)
  expect(policy('on-success')).toMatchInlineSnapshot(`"RestartPreventExitStatus (aiai) [[],[9]]"`)
  // Without SuccessExitStatus=, with a signal that systemd itself takes for success, and where systemd restarts anyway
  expect(policy('on-failure', { ready: 'exited' })).toBeUndefined()
  expect(policy('on-failure', { stopSignal: 'SIGTERM' })).toBeUndefined()
  expect(policy('always')).toBeUndefined()
})

test('units do not require those that systemd restarts', () => {
  const service = (name: string, settings: object) => ({ name, unit: { name, settings } })
  const Requires = ['db', 'broker']
  const services = {
    db: service('db', {}),
    broker: service('broker', { Restart: 'always' }),
    web: service('web', { Requires, After: Requires }),
  } as unknown as Record<string, ServicePlan>
  const { web, db } = unrequired(services)
  expect(web?.unit.settings).toEqual({ Requires: ['db'], After: Requires })
  expect(db).toBe(services['db'])
})
