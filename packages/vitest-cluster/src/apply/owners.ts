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
    await changeOwners(plan, unit, manager)
    await manager.forget(unit.name)
  }
  await run(planReclaim(services, plan))
  await work()
  await run(planGiving(services, plan))
}

/** Runs a unit that changes owners. @throws ClusterError `NO_MANAGER` */
export async function changeOwners(
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
    message: `cannot give the services' directories to their accounts: the job ended with '${job}'`,
    fix: `${saysWhy(log)}.`,
    log,
  })
}
