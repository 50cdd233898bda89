import { join } from 'node:path'
import { ISOLATIONS } from '../isolation/isolation.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { processesIn } from '../systemd/cgroup.ts'
import type { Manager } from '../systemd/manager.ts'

/** Where a unit's control group is, on the host. @param cgroup where those of its manager are */
export async function unitGroup(
  manager: Manager,
  cgroup: string,
  unit: string,
): Promise<string | undefined> {
  const group = await manager.controlGroup(unit)
  return group ? join(cgroup, group) : undefined
}

/** The processes of a unit, as this process numbers them: a tree that boots numbers its own. */
export async function unitProcesses(
  manager: Manager,
  cgroup: string,
  unit: string,
): Promise<number[]> {
  const group = await unitGroup(manager, cgroup, unit)
  return group ? processesIn(group) : []
}

/** The process of the session's manager, as this process numbers it. */
export async function managerProcess(
  manager: Manager,
  { manager: { cgroup }, isolation }: SessionPlan,
): Promise<number> {
  if (!ISOLATIONS[isolation].boots) return manager.pid()
  return (await processesIn(join(cgroup, 'init.scope')))[0] ?? 0
}

/** A service's main process, as this process numbers it; undefined where it is not up. */
export async function mainProcess(
  manager: Manager,
  { manager: { cgroup }, isolation }: SessionPlan,
  unit: string,
): Promise<number | undefined> {
  // A tree that boots tells its own number: the first in the group is nearly always the same process
  if (ISOLATIONS[isolation].boots) return (await unitProcesses(manager, cgroup, unit))[0]
  const main = await manager.properties(unit, 'Service', ['MainPID'])
  return Number(main?.['MainPID']) || undefined
}
