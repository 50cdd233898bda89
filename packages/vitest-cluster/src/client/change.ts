import { apply } from '../apply/apply.ts'
import { isClusterError } from '../errors.ts'
import {
  dependentsOf,
  difference,
  type Step,
  withoutService,
  withRestart,
  withService,
} from '../plan/difference.ts'
import { type SessionPlan, serviceOf } from '../plan/session-plan.ts'
import { stopped } from '../session/ending.ts'
import { markAsked, markDown, whyDown } from '../session/health.ts'
import { whileLocked } from '../session/lock.ts'
import type { Manager } from '../systemd/manager.ts'
import { monotonic } from '../timers.ts'

/**
 * Restarts a service that is up, and it alone. Starts one that is down, as {@link startService} does.
 * @returns the services that were started or restarted
 * @throws ClusterError `SERVICE_FAILED`, `NOT_READY`
 */
export function restartService(
  plan: SessionPlan,
  name: string,
  manager: Manager,
): Promise<string[]> {
  return change(plan, name, manager, (now) =>
    serviceOf(now, name).up ? withRestart(now, name) : withStart(now, name),
  )
}

/**
 * Starts a service, what it requires, and those that were stopped with one of these. Leaves one that is up as it is.
 * @returns the services that were started
 * @throws ClusterError `SERVICE_FAILED`, `NOT_READY`
 */
export function startService(plan: SessionPlan, name: string, manager: Manager): Promise<string[]> {
  return change(plan, name, manager, (now) => withStart(now, name))
}

/**
 * Stops a service, and those that require it. Leaves one that is down as it is.
 * @param call what asked for it, for whoever uses the service meanwhile
 * @returns the services that were stopped
 * @throws ClusterError `STOP_TIMEOUT` for one that ignored its stop signal and was killed
 */
export function stopService(
  plan: SessionPlan,
  name: string,
  manager: Manager,
  call: string,
): Promise<string[]> {
  return change(plan, name, manager, (now) => withoutService(now, name), { call, up: STOPPABLE })
}

/** Goes over to another plan while nobody else changes the same services. @returns those that were changed */
async function change(
  plan: SessionPlan,
  name: string,
  manager: Manager,
  how: (now: SessionPlan) => SessionPlan,
  { call = '', up = UP }: { readonly call?: string; readonly up?: readonly string[] } = {},
): Promise<string[]> {
  let locked: readonly string[] = [name]
  for (;;) {
    const done = await whileLocked(plan.id, locked, async () => {
      const now = await observed(plan, manager, up)
      const to = how(now)
      const services = changedBy(difference(now, to))
      const more = services.filter((each) => !locked.includes(each))
      if (more.length > 0) return { more, services }
      await carryOut(now, to, manager, { services, of: name, call })
      return { more, services }
    })
    if (done.more.length === 0) return done.services
    locked = [...locked, ...done.more]
  }
}

async function carryOut(
  from: SessionPlan,
  to: SessionPlan,
  manager: Manager,
  { services, of, call }: { services: readonly string[]; of: string; call: string },
): Promise<void> {
  const { status } = from.paths
  // Noted before: a service that ends is not taken for one that has died
  const asked = { call, of, at: monotonic() }
  const down = services.filter((each) => from.services[each]?.up && !to.services[each]?.up)
  await Promise.all(
    services.map((each) =>
      down.includes(each)
        ? markDown(status, stopped(serviceOf(from, each), asked), each)
        : markAsked(status, each, asked),
    ),
  )
  try {
    await apply(from, to, { manager })
  } catch (error) {
    const failed = isClusterError(error) ? error.details : undefined
    const service = failed?.service ?? ''
    // One that was stopped, and now failed to start
    if (failed && !down.includes(service) && whyDown(status, service))
      await markDown(status, { ...failed, asked }, service)
    throw error
  }
}

function changedBy(steps: readonly Step[]): string[] {
  return steps.flatMap((step) =>
    step.step === 'start' || step.step === 'stop' || step.step === 'restart' ? step.service : [],
  )
}

/** The same session with a service that is up, those that it requires, and those that were stopped with them. */
function withStart(plan: SessionPlan, name: string): SessionPlan {
  const isUp = (now: SessionPlan, each: string) => serviceOf(now, each).up
  const started = withService(plan, name)
  const again = Object.keys(plan.services).filter(
    (each) => !isUp(plan, each) && isUp(started, each),
  )
  // In the order in which they start: one may require another of these
  return again
    .flatMap((each) => dependentsOf(plan, each))
    .reduce((now, each) => {
      const { dependsOn } = serviceOf(now, each)
      const ready = dependsOn.every((other) => isUp(now, other))
      return ready && wasTakenDown(plan, each) ? withService(now, each) : now
    }, started)
}

/** Whether a service is down since one that it requires was stopped. */
function wasTakenDown({ paths }: SessionPlan, name: string): boolean {
  const down = whyDown(paths.status, name)
  return down?.code === 'SERVICE_STOPPED' && down.asked?.of !== name
}

/** ActiveState= of a service that is up, or about to be; and of one that may still have processes. */
const UP = ['active', 'activating', 'reloading']
const STOPPABLE = [...UP, 'deactivating']

/** The plan of a session with what runs of it now. @param states those of a service that counts as up */
async function observed(
  plan: SessionPlan,
  manager: Manager,
  states: readonly string[],
): Promise<SessionPlan> {
  const services = await Promise.all(
    Object.entries(plan.services).map(async ([name, service]) => {
      const state = await manager.state(service.unit.name)
      const up = states.includes(state?.activeState ?? '')
      return [name, { ...service, up }] as const
    }),
  )
  return { ...plan, services: Object.fromEntries(services) }
}
