import { restartsItself } from '../plan/restart-policy.ts'
import type { ServicePlan, UnitPlan } from '../plan/session-plan.ts'
import type { JobResult } from '../systemd/jobs.ts'
import type { Manager } from '../systemd/manager.ts'
import { isDown } from '../systemd/unit-state.ts'
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
  let job = await first
  if (job === 'done' || job === 'dependency' || !restartsItself(unit)) return job
  const times = await manager.properties(unit.name, 'Unit', ['ConditionTimestampMonotonic'])
  const begun = Number(times?.['ConditionTimestampMonotonic'] ?? 0)
  while (job !== 'done') {
    const state = await manager.state(unit.name)
    if (!state || isDown(state)) return job
    const left = readyTimeout - (monotonic() - begun) / 1000
    if (left <= 0) return 'timeout'
    // The job waits for the restart that systemd has scheduled (service_start() in systemd's src/core/service.c)
    job = await inTime(manager.start(unit.name), left)
  }
  return job
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
