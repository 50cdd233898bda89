import { ClusterError, isClusterError } from '../errors.ts'
import { tail } from '../logs/service-log.ts'
import type { Step } from '../plan/difference.ts'
import { type SessionPlan, serviceOf } from '../plan/session-plan.ts'
import type { Manager } from '../systemd/manager.ts'
import { awaitsRestart, type UnitState } from '../systemd/unit-state.ts'

/** Milliseconds to wait for a first reply of a manager, which usually takes one. */
export const PATIENCE = 1_000

/**
 * Stops services, all at once: systemd orders them. Does nothing if the manager is gone: the end of the session kills them.
 * @param alone whether services that require these stay up
 * @returns the error for the first service that ignored its stop signal and was killed
 */
export async function stopServices(
  plan: SessionPlan,
  steps: readonly Extract<Step, { readonly step: 'stop' }>[],
  manager: Manager | undefined,
  alone = false,
): Promise<ClusterError | undefined> {
  if (!manager || steps.length === 0 || !(await manager.answers(PATIENCE))) return undefined
  const before = await Promise.all(
    steps.map(({ service }) => holdUnit(serviceOf(plan, service).unit.name, manager)),
  )
  // The calls go out in order: systemd stops a unit after those that are ordered after it and stop as well
  const errors = await Promise.all(
    steps.map(async ({ service }, i) => {
      const { unit, log, stopSignal, stopTimeout } = serviceOf(plan, service)
      if (!(await ignoresSignal(unit.name, manager, before[i], alone))) return undefined
      return new ClusterError({
        code: 'STOP_TIMEOUT',
        service,
        unit: unit.name,
        message: `did not end within ${stopTimeout / 1000} s of ${stopSignal} and was killed`,
        fix: "Set a longer stopTimeout (milliseconds), or stopSignal: 'SIGKILL' if it has no data to save.",
        log: await tail(log),
      })
    }),
  )
  // After all are down: a loaded unit keeps the units loaded that it requires
  const unloaded = steps.filter(({ unload }) => unload)
  await Promise.all(unloaded.map(({ service }) => unload(plan, service, manager)))
  return errors.find((error) => error !== undefined)
}

/** Unloads a unit. @throws ClusterError `SESSION_BUSY` if another process holds a reference to it */
async function unload(plan: SessionPlan, service: string, manager: Manager): Promise<void> {
  const { helpers = [], unit } = serviceOf(plan, service)
  const { name } = unit
  let forgotten = false
  await ignoreLost(
    manager.forget(name).then((gone) => {
      forgotten = gone
    }),
  )
  for (const helper of helpers) {
    // After the service, which keeps them loaded
    await ignoreLost(manager.stop(helper.name).then(() => manager.forget(helper.name)))
  }
  if (forgotten || !(await manager.answers(PATIENCE))) return
  throw new ClusterError({
    code: 'SESSION_BUSY',
    service,
    unit: name,
    message:
      'its unit cannot be replaced: the process that opened the session holds a reference to it',
    fix: 'Change the session in that process, or end the session and open another.',
  })
}

interface HeldUnit {
  readonly held: boolean
  /** Undefined for a unit that is not loaded. */
  readonly state: UnitState | undefined
}

/** Keeps a unit loaded: without a reference systemd unloads it at its end, and its result is lost. */
async function holdUnit(unit: string, manager: Manager): Promise<HeldUnit> {
  const held = await manager.ref(unit).catch(() => false)
  return { held, state: await manager.state(unit).catch(() => undefined) }
}

/** Stops a unit. @returns whether it was up, ignored its stop signal and was killed */
async function ignoresSignal(
  unit: string,
  manager: Manager,
  before: HeldUnit | undefined,
  alone: boolean,
): Promise<boolean> {
  await ignoreLost(manager.stop(unit, { alone }))
  const after = await manager.state(unit).catch(() => undefined)
  if (before?.held) await ignoreLost(manager.unref(unit))
  // A unit that was down before may have failed by a time-out of its start
  const wasDown = before?.state?.activeState === 'failed' || awaitsRestart(before?.state)
  return !wasDown && after?.result === 'timeout'
}

/** Ignores errors of a manager that is gone: the keeper ends the services. */
export async function ignoreLost(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!isClusterError(error)) throw error
  }
}
