import type { ClusterError } from '../errors.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import type { Manager } from '../systemd/manager.ts'
import { assertSession, markDown } from './health.ts'

/**
 * Connects to a session's manager. The first process that gets no answer notes this for all others, each of which would
 * otherwise wait as long.
 * @throws ClusterError `SESSION_CLOSED`, `MANAGER_LOST`, `BUS_LOST`, `BUS_TIMEOUT`
 */
export async function reachManager({
  manager: { address },
  paths: { status },
}: SessionPlan): Promise<Manager> {
  assertSession(status)
  const note = async ({ code, details }: ClusterError) => {
    if (code === 'BUS_TIMEOUT' || code === 'MANAGER_LOST')
      await markDown(status, details).catch(() => {})
  }
  // Loaded when first needed: most tests never connect to the manager, and loading dbus-next takes 30 ms
  const { Manager } = await import('../systemd/manager.ts')
  try {
    const manager = await Manager.connect(address)
    void manager.bus.ended.then(note)
    return manager
  } catch (error) {
    await note(error as ClusterError)
    throw error
  }
}
