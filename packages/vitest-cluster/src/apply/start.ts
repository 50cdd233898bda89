import { join } from 'node:path'
import { HeldDirectory } from '../disk/held-directory.ts'
import { ClusterError, type ClusterErrorDetails, isClusterError, saysWhy } from '../errors.ts'
import { emptyLog } from '../logs/file.ts'
import { tail } from '../logs/service-log.ts'
import { own } from '../own.ts'
import { logFilesUnit } from '../plan/names.ts'
import { logName } from '../plan/paths.ts'
import { restartsItself } from '../plan/restart-policy.ts'
import {
  rootOf,
  type ServicePlan,
  type SessionPlan,
  serviceOf,
  type UnitPlan,
} from '../plan/session-plan.ts'
import { isTaken } from '../ports/reserve.ts'
import { listensOn } from '../ports/sockets.ts'
import { markUp } from '../session/health.ts'
import { unitProcesses } from '../session/processes.ts'
import type { JobResult } from '../systemd/jobs.ts'
import type { Manager } from '../systemd/manager.ts'
import { isDbusError, isDown } from '../systemd/unit-state.ts'
import { allAttempts, endAttempts, forgetAttempts } from './attempts.ts'
import { deniedCallsProblem } from './denied-calls.ts'
import { startFailure } from './failure.ts'

/** How services are started. */
interface StartOptions {
  readonly manager: Manager
  /** Called for each service that is ready. */
  readonly onReady?: ((service: string) => void) | undefined
}

/**
 * Starts services, all at once: systemd orders them (`After=`). Only those that depend on one with a restart policy are
 * started when that one is ready. Resolves when every start job is done.
 * @throws ClusterError for the first that did not start
 */
export async function startServices(
  plan: SessionPlan,
  names: readonly string[],
  options: StartOptions,
): Promise<void> {
  const { manager, onReady = () => {} } = options
  const failed = Promise.withResolvers<never>()
  const gates = new Map(names.map((name) => [name, new Gate()]))
  const jobs = names.map(async (name) => {
    const service = serviceOf(plan, name)
    const { unit, dependsOn, helpers = [] } = service
    // The calls go out in order, each unit after those that it requires, without waiting for replies
    await Promise.all(dependsOn.map((other) => gates.get(other)?.passed(serviceOf(plan, other))))
    const helping = Promise.all(helpers.map((helper) => startUnit(manager, helper)))
    // Awaited only if the service did not start
    helping.catch(() => {})
    const first = startUnit(manager, unit)
    gates.get(name)?.called.resolve()
    const job = await allAttempts(manager, service, first).catch((error: unknown) => {
      throw refused(error, service)
    })
    // 'dependency': another service failed, and that one is the cause to report if it is among these
    if (job === 'dependency') {
      const results = await helping.catch((error: unknown) => {
        throw refused(error, service)
      })
      const helper = helpers.find((_, index) => results[index] !== 'done')
      return helper ? failed.reject(await withoutHelper(plan, service, helper)) : service
    }
    // A start job is done, too, if the program ends with success before ExecStartPost= runs
    const up = job === 'done' && (await manager.state(unit.name))?.activeState === 'active'
    const ignored = up ? await deniedCallsProblem(manager, service) : undefined
    if (ignored) return failed.reject(ignored)
    if (up && !(await otherListens(plan, service, manager))) {
      await markUp(plan.paths.status, name)
      gates.get(name)?.ready.resolve()
      return onReady(name)
    }
    const error = await startFailure(manager, plan, service, job)
    await endAttempts(manager, service, job)
    failed.reject(error)
  })
  const without = (await Promise.race([Promise.all(jobs), failed.promise])).find(Boolean)
  if (without) throw requiredIsDown(without)
}

/** How far the start of a service is, for those that depend on it. */
class Gate {
  /** The call for the start job has been sent: systemd orders the units that are started after it. */
  readonly called = Promise.withResolvers<void>()
  readonly ready = Promise.withResolvers<void>()

  /** Resolves when the services that depend on this one may be started. */
  passed({ unit }: ServicePlan): Promise<void> {
    return restartsItself(unit) ? this.ready.promise : this.called.promise
  }
}

/** Empties the logs of services that are down, and removes what libexec/ready-log.sh has recorded for each. */
export async function forgetLogs(plan: SessionPlan): Promise<void> {
  await Promise.all(
    Object.values(plan.services).map(async ({ name, log }) => {
      await emptyLog(log).catch(() => {})
      const run = join(rootOf(plan, name).directory, 'run')
      const held = await HeldDirectory.openBelow(plan.paths.directory, run)
      await held.remove(`vitest-cluster-${logName(name)}.start`).finally(() => held.close())
    }),
  )
}

/** Starts a unit, also one that was stopped or that systemd has unloaded. */
async function startUnit(manager: Manager, unit: UnitPlan): Promise<JobResult> {
  const { name, settings } = unit
  const transient = () => manager.startTransient(name, settings, { reference: true })
  try {
    return await transient()
  } catch (error) {
    if (!isDbusError(error, 'UnitExists')) throw error
    if (!restartsItself(unit)) return manager.start(name)
    const state = await manager.state(name)
    if (state && isDown(state)) await forgetAttempts(manager, unit)
    // A failed unit to which nobody has a reference is unloaded
    return (await manager.unitPath(name)) ? manager.start(name) : transient()
  }
}

/** The error for a service that requires one which another call failed to start. */
export function requiredIsDown({ name: service, unit, dependsOn }: ServicePlan): ClusterError {
  return new ClusterError({
    code: 'SERVICE_FAILED',
    service,
    unit: unit.name,
    message: `was not started: ${dependsOn.join(' or ')} failed to start`,
    fix: 'Read the logs of the services that it depends on, and restart those first.',
  })
}

/** The error for a service whose log files cannot be followed, or that cannot have a /dev/log. */
async function withoutHelper(
  plan: SessionPlan,
  { name: service, log, logFiles = [] }: ServicePlan,
  { name: unit }: UnitPlan,
): Promise<ClusterError> {
  const written = await tail(log)
  const [what, fix] =
    unit === logFilesUnit(plan.id, service)
      ? [
          `its log files cannot be created or read (${logFiles.join(', ')})`,
          'Name files in directories that the session can write to, such as /var/log; in the tree itself only with writable: true.',
        ]
      : ['nothing can listen on its /dev/log', 'Or remove syslog: true.']
  return new ClusterError({
    code: 'SERVICE_FAILED',
    service,
    unit,
    message: `was not started: ${what}`,
    fix: `${saysWhy(written)}. ${fix}`,
    log: written,
  })
}

/** Adds the service and the fix to the error for a unit that systemd rejected. */
function refused(error: unknown, { name: service, unit }: ServicePlan): unknown {
  if (!isClusterError(error) || error.code !== 'CALL_FAILED') return error
  const fix =
    "systemd's message above names the property. Check the service's command, env and unit."
  return new ClusterError(
    { ...error.details, service, unit: unit.name, fix },
    { cause: error.cause },
  )
}

/** Whether `ready: 'listening'` saw another process of the same uid that took the port before the service. */
async function otherListens(
  { manager: { cgroup }, uids }: SessionPlan,
  { ready, unit, address, ports }: ServicePlan,
  manager: Manager,
): Promise<boolean> {
  // With many uids, ready-listening.sh has checked this
  if (ready !== 'listening' || uids === 'many') return false
  const pids = await unitProcesses(manager, cgroup, unit.name)
  const own = await Promise.all(Object.values(ports).map((port) => listensOn(address, port, pids)))
  return !own.every(Boolean)
}

/** Of a service that did not start: the names of the ports that are in use now, or were according to its log. */
export async function lostPorts(
  { code, service = '', log = [] }: ClusterErrorDetails,
  { services }: SessionPlan,
): Promise<string[]> {
  if (code !== 'SERVICE_FAILED' && code !== 'NOT_READY') return []
  const said = log.some((line) => /address already in use|EADDRINUSE/i.test(line))
  const { ports: all = {}, address } = own(services, service) ?? {}
  const ports = Object.entries(all)
  const lost = await Promise.all(
    ports.map(async ([name, number]) =>
      said || (await isTaken(number, address)) ? name : undefined,
    ),
  )
  return lost.filter((name) => name !== undefined)
}
