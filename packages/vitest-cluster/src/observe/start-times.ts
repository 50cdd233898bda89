import type { SessionPlan } from '../plan/session-plan.ts'
import { managerProcess } from '../session/processes.ts'
import type { Manager } from '../systemd/manager.ts'
import type { Microseconds } from '../timers.ts'

/** The times of a service's start job, by systemd's clock (CLOCK_MONOTONIC). */
export interface StartTimes {
  readonly service: string
  readonly dependsOn: readonly string[]
  /** The job was queued; undefined where the unit's file cannot be seen. Exact to a clock tick, 4 ms. */
  readonly queued?: Microseconds | undefined
  /** The job began to run: its dependencies were ready. */
  readonly begun: Microseconds
  /** Its process was started. */
  readonly started: Microseconds
  /** The service was ready: the job was done. */
  readonly ready: Microseconds
}

/** Asks the manager for the times of each service that is up: of its last start, if it was restarted. */
export async function startTimes(manager: Manager, plan: SessionPlan): Promise<StartTimes[]> {
  const pid = await managerProcess(manager, plan)
  const times = await Promise.all(
    Object.entries(plan.services).map(
      async ([
        service,
        {
          unit: { name: unit },
          dependsOn,
        },
      ]): Promise<StartTimes | undefined> => {
        const [times, main, file] = await Promise.all([
          manager.properties(unit, 'Unit', [
            'ConditionTimestamp',
            'ConditionTimestampMonotonic',
            'ActiveEnterTimestampMonotonic',
          ]),
          manager.properties(unit, 'Service', ['ExecMainStartTimestampMonotonic']),
          manager.unitFile(unit, pid),
        ])
        const begun = Number(times?.['ConditionTimestampMonotonic'] ?? 0)
        const ready = Number(times?.['ActiveEnterTimestampMonotonic'] ?? 0)
        if (!begun || !ready) return undefined
        const offset = Number(times?.['ConditionTimestamp']) - begun
        // systemd has no property for the time at which a job was queued. But it writes a transient unit's file in the
        // call that queues the job, so the file's time is that time.
        const made = file?.made
        return {
          service,
          dependsOn,
          // A restart queues a job without writing the file again: the time is then unknown
          queued:
            made === undefined || made - offset > begun ? undefined : Math.round(made - offset),
          begun,
          started: Number(main?.['ExecMainStartTimestampMonotonic'] || begun),
          ready,
        }
      },
    ),
  )
  return times.filter((each) => each !== undefined)
}
