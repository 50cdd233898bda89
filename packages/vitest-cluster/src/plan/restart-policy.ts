import type { UnitOptions } from '../definition/service-fields.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import type { ServicePlan, StopSignal, UnitPlan } from './session-plan.ts'

/** systemd's own defaults, which a machine may have changed (systemd-system.conf(5)). */
const START_LIMIT = { StartLimitBurst: 5, StartLimitIntervalSec: 10 } as const

/** Whether systemd restarts a service by itself. */
export function restartsItself({ settings: { Restart = 'no' } }: UnitPlan): boolean {
  return Restart !== 'no'
}

/**
 * The settings of a restart policy (systemd.service(5), Restart=). Pure.
 * @param cleanSignal the signal in `SuccessExitStatus=`
 */
export function restartSettings(
  { Restart = 'no', RestartSec, ...limit }: UnitOptions,
  cleanSignal: StopSignal | undefined,
): UnitSettings {
  // A test may restart a service as often as it likes; systemd's default is five times in ten seconds
  if (Restart === 'no') return { StartLimitIntervalSec: 0 }
  const {
    StartLimitBurst = START_LIMIT.StartLimitBurst,
    StartLimitIntervalSec = START_LIMIT.StartLimitIntervalSec,
  } = limit
  return {
    Restart,
    ...(RestartSec === undefined ? {} : { RestartSec: RestartSec * 1000 }),
    StartLimitBurst,
    StartLimitIntervalSec: StartLimitIntervalSec * 1000,
    ...uncleanSignal(Restart, cleanSignal),
  }
}

/**
 * The stop signal counts as success (`SuccessExitStatus=`), so that a service that was stopped has not failed. For the
 * restart policy SIGKILL and SIGQUIT are failures all the same, as in every unit without `SuccessExitStatus=`.
 */
function uncleanSignal(
  restart: NonNullable<UnitOptions['Restart']>,
  signal: StopSignal | undefined,
): UnitSettings {
  if (signal !== 'SIGKILL' && signal !== 'SIGQUIT') return {}
  if (restart === 'on-success') return { RestartPreventExitStatus: [signal] }
  const forced = ['on-failure', 'on-abnormal', 'on-abort'].includes(restart)
  return forced ? { RestartForceExitStatus: [signal] } : {}
}

/**
 * The same services, where those with a restart policy are ordered before their dependents (`After=`) and not required:
 * systemd restarts the units that require one that it restarts, and fails their start jobs with the first attempt.
 * apply/start.ts starts the dependents when the service is ready. Pure.
 */
export function unrequired(
  services: Readonly<Record<string, ServicePlan>>,
): Record<string, ServicePlan> {
  const restarted = Object.values(services).flatMap(({ unit }) =>
    restartsItself(unit) ? unit.name : [],
  )
  const changed = Object.entries(services).map(([name, service]) => {
    const { settings } = service.unit
    const Requires = settings.Requires?.filter((unit) => !restarted.includes(unit))
    if (Requires?.length === settings.Requires?.length) return [name, service] as const
    return [
      name,
      { ...service, unit: { ...service.unit, settings: { ...settings, Requires } } },
    ] as const
  })
  return Object.fromEntries(changed)
}
