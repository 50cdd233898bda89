import type { ClusterDefinition } from '../definition/cluster.ts'
import { forSession } from '../definition/define.ts'
import { baseDirectory as sessionsDirectory } from '../disk/directories.ts'
import { sessionPaths } from '../plan/paths.ts'
import { chooseValues, planSession } from '../plan/plan-session.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { findForCluster, layGround } from './ground.ts'
import { type Ports, portNumbers, releasePorts, reservePorts } from './ports.ts'
import { findManager, selectManager } from './select-manager.ts'
import { releaseTrees } from './trees.ts'

/** The id of a session that never is: paths and names in the plan have it. */
const ID = '00000000'

/**
 * The plan of a session that is not opened, by the code that opens sessions, with ports and values of its own.
 * Nothing is made and nothing is started; the cluster's trees have to be built already.
 * @throws ClusterError as `openSession` does for a definition that is wrong; `TREE_NOT_BUILT`
 */
export async function planCluster(
  definition: ClusterDefinition,
  baseDirectory: string,
): Promise<SessionPlan> {
  const cluster = forSession(definition)
  const manager = await findManager(await selectManager())
  const ports: Ports = new Map()
  const paths = sessionPaths(sessionsDirectory(process.getuid?.() ?? 0), ID)
  try {
    const found = await findForCluster(cluster, { baseDirectory, cachedOnly: true })
    try {
      const ground = await layGround(cluster, found, manager, { id: ID, paths, baseDirectory })
      await reservePorts(cluster.services, ports)
      const values = await chooseValues(cluster.services, ground)
      return await planSession(cluster, ground, {
        ports: portNumbers(cluster.services, ports),
        values,
      })
    } finally {
      await releaseTrees(found.trees)
    }
  } finally {
    releasePorts(ports)
    if (manager.kind === 'user') manager.manager.disconnect()
  }
}
