import type { Services } from '../definition/cluster.ts'
import { ClusterError, saysWhy } from '../errors.ts'
import { tail } from '../logs/service-log.ts'
import { difference, type Step } from '../plan/difference.ts'
import { type SessionPlan, serviceOf } from '../plan/session-plan.ts'
import { markUp } from '../session/health.ts'
import type { Phases } from '../session/phases.ts'
import { settled } from '../settled.ts'
import type { Manager } from '../systemd/manager.ts'
import { writeSteps } from './files.ts'
import { asRoot, changeOwners } from './owners.ts'
import { giveRoots, makeRoots } from './roots.ts'
import { startServices } from './start.ts'
import { copyStates, makeStates, replaceStates } from './states.ts'
import { stopServices } from './stop.ts'

/** By what the steps are carried out. */
export interface Means {
  /** The session's manager, where there is one already. */
  readonly manager?: Manager | undefined
  /** Starts it. @param made settles when the session's root is there, for a manager that stands in it */
  connect?(made: Promise<unknown>): Promise<Manager>
  /** Ends what is left of the session. */
  close?(): Promise<void>
  /** The definitions, for states that have to be made. */
  readonly services?: Services | undefined
  readonly phases?: Phases | undefined
  /** Told of each service that is ready. */
  readonly onReady?: ((service: string) => void) | undefined
}

/**
 * Carries out what has to be done to come from one plan of a session to another: opens it, changes it while it is up, or
 * closes it ({@link difference}).
 * @throws ClusterError: of services that do not start the first; of those that ignore their stop signal `STOP_TIMEOUT`,
 * when all else is done
 */
export async function apply(
  from: SessionPlan | undefined,
  to: SessionPlan | undefined,
  means: Means,
): Promise<void> {
  const steps = difference(from, to)
  const deaf = from && (await stopServices(from, of(steps, 'stop'), means.manager))
  if (of(steps, 'close').length > 0) await means.close?.()
  if (to) await build(to, steps, means)
  if (deaf) throw deaf
}

/** What follows when nothing runs any more that is to be stopped. */
async function build(plan: SessionPlan, steps: readonly Step[], means: Means): Promise<void> {
  const { phases, services = {}, onReady } = means
  const time = <T>(name: string, work: () => Promise<T>) =>
    phases ? phases.time(name, work()) : work()
  const opens = of(steps, 'open').length > 0
  const starts = of(steps, 'start').map(({ service }) => service)
  const states = of(steps, 'prepare').map(({ service }) => service)
  const files = [...of(steps, 'remove'), ...of(steps, 'write')]

  const begun = opens ? await open(plan, states, means) : undefined
  const manager = begun?.manager ?? means.manager
  const fill = async () => {
    const missing = begun?.missing ?? (await replaceStates(plan, states))
    if (missing.length > 0)
      await time('states', () => makeStates(plan, missing, { services, manager: needed(manager) }))
    if (files.length > 0) await time('files', () => writeSteps(plan, files))
  }
  const touched = [
    ...states,
    ...files.flatMap(({ of, service }) => (of === 'service' ? service : [])),
  ]
  if (opens || plan.uids === 'one' || touched.length === 0) await fill()
  else await asRoot(plan, touched, needed(manager), fill)
  if (starts.length > 0) {
    await time('services', () =>
      settled([
        // The services require it: systemd has to know it first
        opens && plan.ownership && changeOwners(plan, plan.ownership, needed(manager)),
        startServices(plan, starts, { manager: needed(manager), onReady }),
      ]),
    )
  }
  for (const { service } of of(steps, 'restart')) await restart(plan, service, needed(manager))
}

function of<K extends Step['step']>(steps: readonly Step[], kind: K) {
  return steps.filter((each): each is Extract<Step, { readonly step: K }> => each.step === kind)
}

/** All at once: the manager takes about as long to start as everything else together. */
async function open(
  plan: SessionPlan,
  states: readonly string[],
  { phases, connect }: Means,
): Promise<{ readonly manager: Manager; readonly missing: readonly string[] }> {
  if (!connect) throw new Error('nothing starts a manager')
  const time = <T>(name: string, work: Promise<T>) => (phases ? phases.time(name, work) : work)
  const made = makeRoots(plan)
    .then(() => copyStates(plan, states))
    .then(async (missing) => {
      await giveRoots(plan)
      return missing
    })
  // Only a manager that stands in the tree waits for it; everybody hears of its failure below
  made.catch(() => {})
  const [manager, missing] = await settled([time('manager', connect(made)), time('tree', made)])
  return { manager, missing }
}

async function restart(plan: SessionPlan, name: string, manager: Manager): Promise<void> {
  const { unit, log } = serviceOf(plan, name)
  const result = await manager.restart(unit.name)
  if (result === 'done') return markUp(plan.paths.status, name)
  const written = await tail(log)
  throw new ClusterError({
    code: 'SERVICE_FAILED',
    service: name,
    unit: unit.name,
    message: `did not come back from a restart: its job ended with '${result}'`,
    fix: `${saysWhy(written)}.`,
    log: written,
  })
}

function needed(manager: Manager | undefined): Manager {
  if (!manager) throw new Error('the steps need a manager')
  return manager
}
