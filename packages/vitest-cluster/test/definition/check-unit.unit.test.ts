import { expect, test } from 'vitest'
import { checkedService } from '../../src/definition/checked.ts'
import type { ServiceContext, ServiceInput } from '../../src/index.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

test.for<readonly [options: Partial<ServiceInput>, message: string, fix: string]>([
  [
    { unit: { Restart: 'sometimes' as 'always' } },
    'unit.Restart is "sometimes", which is not supported',
    "'on-failure'",
  ],
  [
    { unit: { Restart: 'always', RestartSec: 5000 } },
    'unit.RestartSec is 5000, which is not a number of seconds, of 3600 at most',
    'Give seconds, as in a unit file: 0.1 is 100 ms.',
  ],
  [
    { unit: { Restart: 'always', RestartSec: '5s' as unknown as number } },
    'unit.RestartSec is "5s"',
    'Give seconds',
  ],
  [{ unit: { WatchdogSec: -1 } }, 'unit.WatchdogSec is -1', 'Give seconds'],
  [
    { unit: { Restart: 'always', StartLimitBurst: 0 } },
    'unit.StartLimitBurst is 0, which is not a whole number greater than 0',
    'leave it out for no limit',
  ],
  [{ unit: { RestartSec: 1 } }, 'has unit.RestartSec without a restart policy', 'Add Restart'],
  [
    { unit: { Restart: 'no', StartLimitBurst: 1 } },
    'has unit.StartLimitBurst without a restart policy',
    'Add Restart',
  ],
  [
    { ready: 'exited', unit: { Restart: 'always' } },
    "has ready: 'exited' and unit.Restart: 'always'",
    "write Restart: 'on-failure'",
  ],
  [
    { ready: 'exited', unit: { WatchdogSec: 1 } },
    "has ready: 'exited' and unit.WatchdogSec",
    'Use readyTimeout',
  ],
  [{ unit: { DynamicUser: true } }, "without needs: ['systemd']", "add needs: ['systemd']"],
])('%j is refused, also as the result of a function', ([options, message, fix]) => {
  const refused = { code: 'INVALID_DEFINITION' }
  for (const unit of [options.unit, () => options.unit]) {
    const error = refusal(() => unitOf({ ...options, unit: unit as never }))
    expect(error).toMatchObject(refused)
    expect(error.message.replace('unit()', 'unit')).toContain(message)
    expect(error.fix).toContain(fix)
  }
})

test('a service without a restart policy needs none of its options', () => {
  expect(unitOf({ unit: { Restart: 'no', WatchdogSec: 0.5 } })).toEqual({
    ...{ Restart: 'no', WatchdogSec: 0.5 },
  })
})

/** The checked unit options of a service. */
function unitOf(options: Partial<ServiceInput>) {
  const { unit } = checkedService('web', script('true', options))
  return typeof unit === 'function' ? unit({ name: 'web' } as ServiceContext) : unit
}
