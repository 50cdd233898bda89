import type { ClusterDefinition } from '../definition/cluster.ts'
import { forSession } from '../definition/define.ts'
import { withServiceSite } from '../definition/site.ts'
import { newSession } from '../lifetime/keeper.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { Phases } from '../session/phases.ts'
import { Draft } from './draft.ts'
import { selectManager } from './select-manager.ts'

/** A placeholder id for the paths and names in the plan. */
const ID = '00000000'

/**
 * Plans a session without opening it, by the code that opens sessions, with ports and values chosen for this plan.
 * Creates and starts nothing; the cluster's trees have to be in the cache.
 * @throws ClusterError as `openSession` does for a definition that is wrong; `TREE_NOT_BUILT`
 */
export async function planCluster(
  definition: ClusterDefinition,
  baseDirectory: string,
): Promise<SessionPlan> {
  try {
    const draft = await Draft.make(forSession(definition), {
      ...{ session: newSession(ID), choice: selectManager(), phases: new Phases() },
      ...{ baseDirectory, cachedOnly: true, planOnly: true },
    })
    return await draft.plan().finally(() => draft.release())
  } catch (error) {
    throw withServiceSite(error, definition.services)
  }
}
