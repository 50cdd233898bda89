import { join } from 'node:path'
import { ClusterError, saysWhy } from '../errors.ts'
import { tail } from '../logs/service-log.ts'
import { OWNERSHIP_LOG, planGiving, planReclaim } from '../plan/ownership.ts'
import { type SessionPlan, serviceOf, type UnitPlan } from '../plan/session-plan.ts'
import type { Manager } from '../systemd/manager.ts'

/**
 * Calls `work` while the directories of services that are down belong to root, then gives them back to the services'
 * accounts. For sessions whose accounts have uids of their own.
 */
export async function asRoot(
  plan: SessionPlan,
  names: readonly string[],
  manager: Manager,
  work: () => Promise<void>,
): Promise<void> {
  const services = [...new Set(names)].map((name) => serviceOf(plan, name))
  const run = async (unit: UnitPlan) => {
    await runPreparing(plan, unit, manager)
    await manager.forget(unit.name)
  }
  await run(planReclaim(services, plan))
  await work()
  await run(planGiving(services, plan))
}

/** Runs a unit that prepares the tree for its services: owners, or roots. @throws ClusterError `NO_MANAGER` */
export async function runPreparing(
  plan: SessionPlan,
  { name, settings }: UnitPlan,
  manager: Manager,
): Promise<void> {
  const job = await manager.startTransient(name, settings)
  if (job === 'done') return
  const log = await tail(join(plan.paths.logs, OWNERSHIP_LOG))
  throw new ClusterError({
    code: 'NO_MANAGER',
    unit: name,
    message: `cannot prepare the tree for its services: the job '${settings.Description}' ended with '${job}'`,
    fix: `${saysWhy(log)}.`,
    log,
  })
}
