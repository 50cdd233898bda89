import { join } from 'node:path'
import { ISOLATIONS } from '../isolation/isolation.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { processesIn } from '../systemd/cgroup.ts'
import type { Manager } from '../systemd/manager.ts'

/** A unit's control group on the host. @param cgroup the parent of all control groups of the manager */
export async function unitGroup(
  manager: Manager,
  cgroup: string,
  unit: string,
): Promise<string | undefined> {
  const group = await manager.controlGroup(unit)
  return group ? join(cgroup, group) : undefined
}

/** The processes of a unit, with the pids of this process's namespace: a booted tree has its own. */
export async function unitProcesses(
  manager: Manager,
  cgroup: string,
  unit: string,
): Promise<number[]> {
  const group = await unitGroup(manager, cgroup, unit)
  return group ? processesIn(group) : []
}

/** The pid of the session's manager in this process's namespace. */
export async function managerProcess(
  manager: Manager,
  { manager: { cgroup }, isolation }: SessionPlan,
): Promise<number> {
  if (!ISOLATIONS[isolation].boots) return manager.pid()
  return (await processesIn(join(cgroup, 'init.scope')))[0] ?? 0
}

/** The pid of a service's main process in this process's namespace; undefined if the service is not up. */
export async function mainProcess(
  manager: Manager,
  { manager: { cgroup }, isolation }: SessionPlan,
  unit: string,
): Promise<number | undefined> {
  // A manager in a booted tree reports a pid of its own namespace. The first in the group is nearly always that process
  if (ISOLATIONS[isolation].boots) return (await unitProcesses(manager, cgroup, unit))[0]
  const main = await manager.properties(unit, 'Service', ['MainPID'])
  return Number(main?.['MainPID']) || undefined
}
