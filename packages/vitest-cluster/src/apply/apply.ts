import type { Services } from '../definition/cluster.ts'
import { difference, type Step } from '../plan/difference.ts'
import { type SessionPlan, serviceOf } from '../plan/session-plan.ts'
import { markUp } from '../session/health.ts'
import type { Phases } from '../session/phases.ts'
import { settled } from '../settled.ts'
import type { Manager } from '../systemd/manager.ts'
import { allAttempts, endAttempts, forgetAttempts } from './attempts.ts'
import { startFailure } from './failure.ts'
import { writeSteps } from './files.ts'
import { asRoot, runPreparing } from './owners.ts'
import { giveRoots, makeRoots } from './roots.ts'
import { requiredIsDown, startServices } from './start.ts'
import { copyStates, makeStates, replaceStates } from './states.ts'
import { stopServices } from './stop.ts'

/** What `apply` needs to carry out the steps. */
export interface Means {
  /** The session's manager, if it runs already. */
  readonly manager?: Manager | undefined
  /** Starts the manager. @param made settles when the session's root exists: a manager inside the tree waits for it */
  connect?(made: Promise<unknown>): Promise<Manager>
  /** Ends the session and removes its files. */
  close?(): Promise<void>
  /** The definitions, for states that are not in the cache. */
  readonly services?: Services | undefined
  readonly phases?: Phases | undefined
  /** Services that require a stopped one stay up, if their plan says so; systemd would stop them, too. */
  readonly alone?: boolean
  /** Called for each service that is ready. */
  readonly onReady?: ((service: string) => void) | undefined
}

/**
 * Carries out the difference between two plans of a session ({@link difference}): opens the session, changes it while it
 * is up, or closes it.
 * @throws ClusterError for the first service that does not start; `STOP_TIMEOUT`, after all other steps, for a service
 * that ignored its stop signal
 */
export async function apply(
  from: SessionPlan | undefined,
  to: SessionPlan | undefined,
  means: Means,
): Promise<void> {
  const steps = difference(from, to)
  const { manager, alone } = means
  const stopError = from && (await stopServices(from, stepsOf(steps, 'stop'), manager, alone))
  if (stepsOf(steps, 'close').length > 0) await means.close?.()
  if (to) await build(to, steps, means)
  if (stopError) throw stopError
}

/** Carries out the steps after the stops. */
async function build(plan: SessionPlan, steps: readonly Step[], means: Means): Promise<void> {
  const { phases, services = {}, onReady } = means
  const time = <T>(name: string, work: () => Promise<T>) =>
    phases ? phases.time(name, work()) : work()
  const opens = stepsOf(steps, 'open').length > 0
  const starts = stepsOf(steps, 'start').map(({ service }) => service)
  const states = stepsOf(steps, 'prepare').map(({ service }) => service)
  const files = [...stepsOf(steps, 'remove'), ...stepsOf(steps, 'write')]

  const begun = opens ? await open(plan, states, means) : undefined
  const manager = begun?.manager ?? means.manager
  // Programs that make states run in these roots
  if (opens && plan.ownRoots) await runPreparing(plan, plan.ownRoots, needed(manager))
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
        // The units of the services require this unit: systemd must load it first
        opens && plan.ownership && runPreparing(plan, plan.ownership, needed(manager)),
        startServices(plan, starts, { manager: needed(manager), onReady }),
      ]),
    )
  }
  for (const { service } of stepsOf(steps, 'restart')) await restart(plan, service, needed(manager))
}

function stepsOf<K extends Step['step']>(steps: readonly Step[], kind: K) {
  return steps.filter((each): each is Extract<Step, { readonly step: K }> => each.step === kind)
}

/** Starts the manager and makes the roots at the same time: both take about as long. */
async function open(
  plan: SessionPlan,
  states: readonly string[],
  { phases, connect }: Means,
): Promise<{ readonly manager: Manager; readonly missing: readonly string[] }> {
  if (!connect) throw new Error('a session is opened without `connect`')
  const time = <T>(name: string, work: Promise<T>) => (phases ? phases.time(name, work) : work)
  const made = makeRoots(plan)
    .then(() => copyStates(plan, states))
    .then(async (missing) => {
      await giveRoots(plan)
      return missing
    })
  // No unhandled rejection while the manager starts: `settled` reports the failure
  made.catch(() => {})
  const [manager, missing] = await settled([time('manager', connect(made)), time('tree', made)])
  return { manager, missing }
}

async function restart(plan: SessionPlan, name: string, manager: Manager): Promise<void> {
  const service = serviceOf(plan, name)
  await forgetAttempts(manager, service.unit)
  const job = await allAttempts(manager, service, manager.restart(service.unit.name))
  if (job === 'done') return markUp(plan.paths.status, name)
  if (job === 'dependency') throw requiredIsDown(service)
  const error = await startFailure(manager, plan, service, job)
  await endAttempts(manager, service, job)
  throw error
}

function needed(manager: Manager | undefined): Manager {
  if (!manager) throw new Error('the steps need a manager')
  return manager
}
