import type { ClusterErrorDetails } from '../errors.ts'
import type { ServicePlan, SessionPlan } from '../plan/session-plan.ts'
import { whyDown } from '../session/health.ts'
import type { Manager } from '../systemd/manager.ts'
import type { UnitState } from '../systemd/unit-state.ts'
import type { Microseconds } from '../timers.ts'

/** How and when a service ended. */
export interface ServiceEnd {
  /** Undefined where systemd has forgotten the unit. */
  readonly at?: Microseconds | undefined
  /** How its main process ended: `exitCode` or `signal`; neither if it never ran. */
  readonly exitCode?: number | undefined
  readonly signal?: number | undefined
  /** Whether a method of its handle, or a stop job of systemd, ended it. */
  readonly onPurpose: boolean
  /** The error of the run when it ended, with the last lines of that moment. */
  readonly noted?: ClusterErrorDetails | undefined
}

/** Asks the manager about a service that is not up. @param state undefined where systemd has forgotten the unit */
export async function serviceEnd(
  manager: Manager,
  plan: SessionPlan,
  { name, unit }: ServicePlan,
  state: UnitState | undefined,
): Promise<ServiceEnd> {
  const noted = whyDown(plan.paths.status, name)
  const asked = noted?.asked !== undefined
  if (!state) return { onPurpose: asked, noted }
  const time = async (kind: 'Unit' | 'Service', property: string) =>
    Number((await manager.properties(unit.name, kind, [property]))?.[property] ?? 0)
  const [left, exited] = await Promise.all([
    time('Unit', 'ActiveExitTimestampMonotonic'),
    time('Service', 'ExecMainExitTimestampMonotonic'),
  ])
  const { execMainCode: how, execMainStatus: status, result } = state
  return {
    at: exited || left || undefined,
    ...(how === 1 ? { exitCode: status } : how > 1 ? { signal: status } : {}),
    // A unit that is asked to stop leaves `active` before its process ends; otherwise the process ends first. With these
    // two results systemd itself stopped the unit
    onPurpose:
      asked || (left > 0 && left < exited && result !== 'oom-kill' && result !== 'watchdog'),
    noted,
  }
}
