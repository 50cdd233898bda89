import { ClusterError, isClusterError } from '../errors.ts'
import { tail } from '../logs/service-log.ts'
import type { Step } from '../plan/difference.ts'
import { type SessionPlan, serviceOf } from '../plan/session-plan.ts'
import type { Manager } from '../systemd/manager.ts'

/** Milliseconds in which a manager has to answer before it is asked for more; it takes one. */
export const PATIENCE = 1_000

/**
 * Stops services, all at once: their order is systemd's affair. What cannot be told to a manager that is gone is done by
 * whoever ends the session.
 * @returns the error for the first that ignored its stop signal, and was killed
 */
export async function stopServices(
  plan: SessionPlan,
  steps: readonly Extract<Step, { readonly step: 'stop' }>[],
  manager: Manager | undefined,
): Promise<ClusterError | undefined> {
  if (!manager || steps.length === 0 || !(await manager.answers(PATIENCE))) return undefined
  const errors = await Promise.all(
    steps.map(async ({ service }) => {
      const { unit, log, stopSignal, stopTimeout } = serviceOf(plan, service)
      if (!(await ignoresSignal(unit.name, manager))) return undefined
      return new ClusterError({
        code: 'STOP_TIMEOUT',
        service,
        unit: unit.name,
        message: `did not end within ${stopTimeout / 1000} s of ${stopSignal} and was killed`,
        fix: "Give it a longer stopTimeout (milliseconds), or stopSignal: 'SIGKILL' if it has nothing to save.",
        log: await tail(log),
      })
    }),
  )
  // When all are down: one that is loaded names those that it requires, and holds them
  const unloaded = steps.filter(({ unload }) => unload)
  await Promise.all(unloaded.map(({ service }) => unload(plan, service, manager)))
  return errors.find((error) => error !== undefined)
}

/** Makes systemd forget a unit. @throws ClusterError `SESSION_BUSY` where another process has taken a reference to it */
async function unload(plan: SessionPlan, service: string, manager: Manager): Promise<void> {
  const { name } = serviceOf(plan, service).unit
  let forgotten = false
  await ignoreLost(
    manager.forget(name).then((gone) => {
      forgotten = gone
    }),
  )
  if (forgotten || !(await manager.answers(PATIENCE))) return
  throw new ClusterError({
    code: 'SESSION_BUSY',
    service,
    unit: name,
    message:
      'its unit cannot be replaced by another one: the process that opened the session holds it',
    fix: 'Change the session in that process, or end it and open another.',
  })
}

/** Stops a unit. @returns whether it was up and did not end in time, and was killed */
async function ignoresSignal(unit: string, manager: Manager): Promise<boolean> {
  const state = () => manager.state(unit).catch(() => undefined)
  // Where the process that started it is gone, systemd would forget how it ended
  const held = await manager.ref(unit).catch(() => false)
  const before = await state()
  await ignoreLost(manager.stop(unit))
  const after = await state()
  if (held) await ignoreLost(manager.unref(unit))
  // One that has failed already may have done so by a time-out of its start
  return before?.activeState !== 'failed' && after?.result === 'timeout'
}

/** What cannot be told to a manager that is gone is done by the keeper anyway. */
export async function ignoreLost(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!isClusterError(error)) throw error
  }
}
