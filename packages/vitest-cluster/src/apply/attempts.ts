import { restartsItself } from '../plan/restart-policy.ts'
import type { ServicePlan, UnitPlan } from '../plan/session-plan.ts'
import type { JobResult } from '../systemd/jobs.ts'
import type { Manager } from '../systemd/manager.ts'
import { monotonic, wait } from '../timers.ts'

/**
 * Awaits the start of a service. With a restart policy the first attempt may fail and a later one succeed: the start ends
 * when the service is ready, when systemd gives up, or after `readyTimeout` for all attempts together (`timeout`).
 * @param first the start job of the first attempt, which systemd ends when that attempt fails
 */
export async function allAttempts(
  manager: Manager,
  { unit, readyTimeout }: ServicePlan,
  first: Promise<JobResult>,
): Promise<JobResult> {
  const job = await first
  if (job === 'done' || job === 'dependency' || !restartsItself(unit)) return job
  const times = await manager.properties(unit.name, 'Unit', ['ConditionTimestampMonotonic'])
  const begun = Number(times?.['ConditionTimestampMonotonic'] ?? 0)
  const left = readyTimeout - (monotonic() - begun) / 1000
  if (left <= 0) return 'timeout'
  // Not by a start job: each of its tries would count for StartLimitBurst= (service_can_start() in src/core/service.c)
  const settled = manager.untilSettled(unit.name).then((up) => (up ? 'done' : job))
  return inTime(settled, left)
}

async function inTime(job: Promise<JobResult>, left: number): Promise<JobResult> {
  const over = new AbortController()
  job.catch(() => {})
  try {
    return await Promise.race([job, wait(left, 'timeout' as const, { signal: over.signal })])
  } finally {
    over.abort()
  }
}

/** Ends a service whose start took too long in total: systemd would start it again and again. */
export async function endAttempts(
  manager: Manager,
  { unit }: ServicePlan,
  job: JobResult,
): Promise<void> {
  if (job === 'timeout' && restartsItself(unit)) await manager.stop(unit.name)
}

/** Resets the count of starts of a unit: only those of systemd itself count for `StartLimitBurst=`. */
export async function forgetAttempts(manager: Manager, unit: UnitPlan): Promise<void> {
  if (restartsItself(unit)) await manager.resetFailed(unit.name)
}
