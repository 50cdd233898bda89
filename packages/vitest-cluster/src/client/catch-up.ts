import { isClusterError } from '../errors.ts'
import { type SessionPlan, serviceOf } from '../plan/session-plan.ts'
import { reachManager } from '../session/reach.ts'
import type { Manager } from '../systemd/manager.ts'

/**
 * Resolves when the logs of services have all lines that the services have written to their log files so far. Ignores a
 * service or session that has ended: its log can still be read.
 */
export async function catchUp(
  plan: SessionPlan,
  names: readonly string[],
  connected: () => Promise<Manager>,
): Promise<void> {
  const units = names.flatMap((name) => serviceOf(plan, name).helpers ?? [])
  const copying = units.filter(({ settings }) => settings.ExecReload)
  if (copying.length === 0) return
  try {
    const manager = await connected()
    await Promise.all(copying.map(({ name }) => manager.reload(name)))
  } catch (error) {
    if (!isClusterError(error)) throw error
  }
}

/** The same, by a connection of its own. */
export async function catchUpAll(plan: SessionPlan): Promise<void> {
  let manager: Manager | undefined
  await catchUp(plan, Object.keys(plan.services), async () => {
    manager = await reachManager(plan)
    return manager
  })
  manager?.disconnect()
}
