import type { Services } from '../definition/cluster.ts'
import type { ServiceDefinition } from '../definition/service.ts'
import { ClusterError, isClusterError } from '../errors.ts'
import type { SessionFacts } from '../plan/context.ts'
import type { UnitPlan } from '../plan/unit.ts'
import { listensOn } from '../ports/owner.ts'
import { isTaken } from '../ports/reserve.ts'
import type { Manager } from '../systemd/manager.ts'
import { deniedCallsProblem } from './denied-calls.ts'
import { startFailure } from './failure.ts'
import { emptyLog } from '../logs/file.ts'
import { unitProcesses } from '../observe/processes.ts'

/** The first service that did not start. */
export interface StartFailure {
  readonly error: ClusterError
  readonly service: string
  /** Stops what did start and forgets the units, so that they can be started again. */
  undo(): Promise<void>
}

export interface StartOptions {
  readonly manager: Manager
  /** Where the manager's control groups are, on the host. */
  readonly cgroup: string
  readonly plans: readonly UnitPlan[]
  readonly services: Services
  readonly facts: SessionFacts
  /** Told of each service that is up. */
  readonly onReady?: ((service: string) => void) | undefined
}

/**
 * Starts all units at the same moment; their order is systemd's affair (`After=`). Resolves when every start job
 * is done, or with the first that failed.
 */
export async function startUnits(options: StartOptions): Promise<StartFailure | undefined> {
  const { manager, plans, services, facts, onReady = () => {} } = options
  const failed = Promise.withResolvers<StartFailure>()
  const undo = async () => {
    await Promise.all(plans.map((plan) => manager.stop(plan.unit)))
    await Promise.all(plans.map((plan) => manager.forget(plan.unit)))
    // The next start must not be judged by what this one wrote
    await Promise.all(plans.map((plan) => emptyLog(plan.log).catch(() => {})))
  }
  // The calls go out in order, each unit after those that it requires, without waiting for replies
  const jobs = plans.map(async (plan) => {
    const job = await manager.startTransient(plan.unit, plan.properties).catch((error: unknown) => {
      throw refused(error, plan)
    })
    const { service } = plan
    const definition = services[service]
    const ports = facts.services[service]?.ports ?? {}
    // 'dependency': another service failed, and that one is the cause to report
    if (!definition || job === 'dependency') return
    // A program that ends in success before ExecStartPost= runs has a start job that is done
    const up = job === 'done' && (await manager.state(plan.unit))?.activeState === 'active'
    const ignored = up ? await deniedCallsProblem(manager, plan) : undefined
    if (ignored) return failed.resolve({ error: ignored, service, undo })
    if (up && !(await strangerListens(options, plan, definition, ports))) return onReady(service)
    const error = await startFailure(manager, plan, definition, ports, job)
    failed.resolve({ error, service, undo })
  })
  return Promise.race([Promise.all(jobs).then(() => undefined), failed.promise])
}

/** systemd did not take the unit at all: its own words, and whose unit it was. */
function refused(error: unknown, { service, unit }: UnitPlan): unknown {
  if (!isClusterError(error) || error.code !== 'CALL_FAILED') return error
  const mend = "systemd's words above name the property; see the service's command, env and unit."
  return new ClusterError({ ...error.details, service, unit, mend }, { cause: error.cause })
}

/** Whether what `ready: 'listening'` saw was somebody else of the same uid, who took the port before the service could. */
async function strangerListens(
  { manager, cgroup, facts }: StartOptions,
  plan: UnitPlan,
  definition: ServiceDefinition,
  ports: Readonly<Record<string, number>>,
): Promise<boolean> {
  // Where there are many uids, ready-listening.sh has looked
  if (definition.ready !== 'listening' || facts.uids === 'many') return false
  const pids = await unitProcesses(manager, { cgroup }, plan.unit)
  const own = await Promise.all(Object.values(ports).map((port) => listensOn(port, pids)))
  return !own.every(Boolean)
}

/** The ports (`service.port`) of a failed service that something else listens on now, or that its log says are taken. */
export async function lostPorts(
  { error, service }: StartFailure,
  facts: SessionFacts,
): Promise<string[]> {
  const said = (error.details.log ?? []).some((line) =>
    /address already in use|EADDRINUSE/i.test(line),
  )
  const ports = Object.entries(facts.services[service]?.ports ?? {})
  const lost = await Promise.all(
    ports.map(async ([name, number]) =>
      said || (await isTaken(number)) ? `${service}.${name}` : undefined,
    ),
  )
  return lost.filter((name) => name !== undefined)
}
