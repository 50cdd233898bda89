import { apply } from '../apply/apply.ts'
import { checkOptionNames } from '../definition/options.ts'
import { shown } from '../definition/refuse.ts'
import { isPlain } from '../definition/words.ts'
import { ClusterError, isClusterError } from '../errors.ts'
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
import { markAsked, markDown, markRestarted, whyDown } from '../session/health.ts'
import { whileLocked } from '../session/lock.ts'
import type { Manager } from '../systemd/manager.ts'
import { monotonic } from '../timers.ts'

/**
 * Restarts one service that is up. Starts a service that is down, as {@link startService} does.
 * @returns the services that were started or restarted
 * @throws ClusterError `SERVICE_FAILED`, `NOT_READY`
 */
export function restartService(
  plan: SessionPlan,
  name: string,
  manager: Manager,
): Promise<string[]> {
  return change(
    plan,
    name,
    manager,
    (now) => (serviceOf(now, name).up ? withRestart(now, name) : withStart(now, name)),
    { up: STARTED },
  )
}

/**
 * Starts a service, those that it requires, and those that were stopped with one of these. Does nothing if it is up.
 * @returns the services that were started
 * @throws ClusterError `SERVICE_FAILED`, `NOT_READY`
 */
export async function startService(
  plan: SessionPlan,
  name: string,
  manager: Manager,
): Promise<string[]> {
  const started = await change(plan, name, manager, (now) => withStart(now, name))
  await markRestarted(plan.paths.status, name)
  return started
}

/** Options of `stop()` of the handle of a service or host. */
export interface StopOptions {
  /** `true`: the services that require what is stopped stay up, as after `kill()`. False by default. */
  readonly alone?: boolean
}

export interface Stop {
  readonly options?: StopOptions | undefined
  /** The caller's words, such as `stop()`, for errors of later uses of the service. */
  readonly call: string
}

/**
 * Stops a service, and those that require it. Does nothing if it is down.
 * @returns the services that were stopped
 * @throws ClusterError `STOP_TIMEOUT` for one that ignored its stop signal and was killed; `INVALID_INPUT`
 */
export async function stopService(
  plan: SessionPlan,
  name: string,
  manager: Manager,
  { options = {}, call }: Stop,
): Promise<string[]> {
  const alone = isAlone(options, name)
  const how = (now: SessionPlan) => withoutService(now, name, alone)
  return change(plan, name, manager, how, { call, alone, up: STOPPABLE })
}

/** @throws ClusterError `INVALID_INPUT` */
function isAlone(options: StopOptions, service: string): boolean {
  const refuse = (message: string, fix: string) => {
    throw new ClusterError({ code: 'INVALID_INPUT', service, message: `stop: ${message}`, fix })
  }
  const given: unknown = options
  const fix = 'Give { alone: true }, or nothing.'
  if (!isPlain(given)) return refuse(`its options are ${shown(given)}`, fix)
  checkOptionNames(undefined, given, ['alone'], refuse)
  const { alone = false } = options
  return typeof alone === 'boolean' ? alone : refuse(`alone is ${shown(alone)}`, fix)
}

interface Changing {
  readonly call?: string
  readonly up?: readonly string[]
  readonly alone?: boolean
}

/** Changes the session to another plan, under the locks of the services that change. @returns these services */
async function change(
  plan: SessionPlan,
  name: string,
  manager: Manager,
  how: (now: SessionPlan) => SessionPlan,
  { call = '', up = UP, alone = false }: Changing = {},
): Promise<string[]> {
  let locked: readonly string[] = [name]
  for (;;) {
    const done = await whileLocked(plan.id, locked, async () => {
      const now = await observed(plan, manager, up)
      const to = how(now)
      const services = changedBy(difference(now, to))
      const more = services.filter((each) => !locked.includes(each))
      if (more.length > 0) return { more, services }
      await carryOut(now, to, manager, { services, of: name, call, alone })
      return { more, services }
    })
    if (done.more.length === 0) return done.services
    locked = [...locked, ...done.more]
  }
}

interface Changed {
  readonly services: readonly string[]
  readonly of: string
  readonly call: string
  readonly alone: boolean
}

async function carryOut(
  from: SessionPlan,
  to: SessionPlan,
  manager: Manager,
  { services, of, call, alone }: Changed,
): Promise<void> {
  const { status } = from.paths
  // Recorded first, so that the end of the service does not count as a failure
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
    await apply(from, to, { manager, alone })
  } catch (error) {
    const failed = isClusterError(error) ? error.details : undefined
    const service = failed?.service ?? ''
    // A stopped service that failed to start
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

/** The plan in which a service is up, with those that it requires and those that were stopped with them. */
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

/** Whether a service is down because one that it requires was stopped. */
function wasTakenDown({ paths }: SessionPlan, name: string): boolean {
  const down = whyDown(paths.status, name)
  return down?.code === 'SERVICE_STOPPED' && down.asked?.of !== name
}

/** ActiveState= of a service that is up; of one that can be restarted; and of one that may still have processes. */
const UP = ['active', 'reloading']
const STARTED = [...UP, 'activating']
const STOPPABLE = [...STARTED, 'deactivating']

/** The plan with the services that run now. @param states the states that count as up */
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
