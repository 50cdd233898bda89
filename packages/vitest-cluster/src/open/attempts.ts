import { dirname } from 'node:path'
import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { ClusterError, isClusterError } from '../errors.ts'
import {
  type Keeper,
  managerLog,
  type NewSession,
  newSession,
  startKeeper,
} from '../lifetime/keeper.ts'
import { keepLogs } from '../logs/kept.ts'
import { Phases } from '../session/phases.ts'
import { processId, writeRecord } from '../session/record.ts'
import { shortageOf, withShortage } from '../shortage/explain.ts'
import { type Tally, tally } from '../shortage/groups.ts'
import { findForCluster, layGround, sessionGroup } from './ground.ts'
import { findManager, selectManager } from './select-manager.ts'
import type { OpenOptions, Session } from './session.ts'
import { type FoundTrees, releaseTrees, shownTrees } from './trees.ts'

/** How often a session is begun again because a stranger has taken a port that was to be forwarded. */
const FORWARD_ATTEMPTS = 5

/** See {@link openSession} in open-session.ts, which is what others call. */
export async function open<S extends Services>(
  definition: ClusterDefinition<S> | Promise<ClusterDefinition<S>>,
  options: OpenOptions = {},
): Promise<Session<S>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openOnce(definition, options)
    } catch (error) {
      const lost = isClusterError(error) && error.code === 'PORT_LOST'
      // Where services listen on the host themselves, they have been started again already (start-up.ts)
      const again = lost && (await definition).network === 'private' && attempt < FORWARD_ATTEMPTS
      if (!again) throw error
    }
  }
}

async function openOnce<S extends Services>(
  definition: ClusterDefinition<S> | Promise<ClusterDefinition<S>>,
  options: OpenOptions,
): Promise<Session<S>> {
  const { baseDirectory = process.cwd(), purpose = 'program', config, onReady } = options
  const phases = new Phases()
  const before = tally()
  const fresh = newSession()
  // The keeper, the definition and our own heavy modules need about the same time: all at once
  const [found, begun, loaded] = await Promise.allSettled([
    phases.time('definition', resolved(definition, baseDirectory, options.onTree)),
    phases.time('keeper', beginSession(fresh)),
    phases.time('code', import('./start-up.ts')),
  ])
  const failed = [found, begun, loaded].find((each) => each.status === 'rejected')
  if (failed || found.status === 'rejected' || begun.status === 'rejected') {
    if (begun.status === 'fulfilled') await begun.value.abandon()
    if (found.status === 'fulfilled') await releaseTrees(found.value.trees)
    const directory = dirname(fresh.paths.directory)
    throw withShortage((failed as PromiseRejectedResult).reason, { directory, before })
  }
  const { cluster, ...machine } = found.value
  const { manager, keeper } = begun.value
  const { StartUp } = (loaded as PromiseFulfilledResult<typeof import('./start-up.ts')>).value
  const outer = manager.kind === 'user' ? manager.manager : undefined
  let startUp: InstanceType<typeof StartUp> | undefined
  let uid = process.getuid?.() ?? 0
  try {
    const ground = await layGround(cluster, machine, manager, { ...fresh, baseDirectory })
    uid = ground.owner.uid
    startUp = new StartUp({ definition: cluster, ground, keeper, outer, phases, onReady })
    await holdTrees(machine.trees, fresh)
    const session = (await startUp.run()) as Session<S>
    await writeRecord({
      purpose,
      config,
      owner: processId(),
      detached: false,
      opened: Date.now(),
      begun: phases.begun,
      phases: phases.done,
      plan: session.plan,
    })
    return session
  } catch (error) {
    const explained = await withLogs(
      await explain(error, keeper, { before, uid }),
      keeper,
      options.keepLogs,
    )
    await (startUp ?? begun.value).abandon()
    throw explained
  }
}

async function resolved<S extends Services>(
  definition: ClusterDefinition<S> | Promise<ClusterDefinition<S>>,
  baseDirectory: string,
  onTree: OpenOptions['onTree'],
) {
  const cluster = await definition
  return { cluster, ...(await findForCluster(cluster, { baseDirectory, progress: onTree })) }
}

/** The session uses the trees from now on, not this process. */
async function holdTrees(trees: FoundTrees, { id, paths }: NewSession): Promise<void> {
  for (const { built } of Object.values(shownTrees(trees))) await built?.lend(id, paths.directory)
  await releaseTrees(trees)
}

async function beginSession(fresh: NewSession) {
  const choice = await selectManager()
  const group = choice.kind === 'private' ? sessionGroup(choice.cgroup, fresh.id) : undefined
  const [manager, keeper] = await Promise.allSettled([
    findManager(choice),
    startKeeper(fresh, group),
  ])
  const abandon = async () => {
    if (keeper.status === 'fulfilled') await keeper.value.release()
    if (manager.status === 'fulfilled' && manager.value.kind === 'user')
      manager.value.manager.disconnect()
  }
  if (manager.status === 'fulfilled' && keeper.status === 'fulfilled')
    return { manager: manager.value, keeper: keeper.value, abandon }
  await abandon()
  throw manager.status === 'rejected' ? manager.reason : (keeper as PromiseRejectedResult).reason
}

/** Keeps the logs of a session that did not start, and says where. */
async function withLogs(error: unknown, { paths }: Keeper, place?: string): Promise<unknown> {
  if (!place || !isClusterError(error)) return error
  const logs = await keepLogs(paths.directory, place).catch(() => undefined)
  return logs ? new ClusterError({ ...error.details, logs }, { cause: error.cause }) : error
}

/** What ran out, and forbidden namespaces, show as anything at all: said once here for every step. */
async function explain(
  error: unknown,
  keeper: Keeper,
  known: { readonly before: Tally; readonly uid: number },
): Promise<unknown> {
  const log = await managerLog(keeper.paths)
  const said = [...log, keeper.complaints()].join('\n')
  const { directory } = keeper.paths
  const short = shortageOf(error, { directory, said, cgroup: keeper.cgroup, ...known })
  if (short) return short
  if (!isClusterError(error)) return error
  if (error.code === 'MANAGER_LOST' || error.code === 'BUS_LOST')
    return new ClusterError({ ...error.details, log }, { cause: error.cause })
  if (error.code !== 'SERVICE_FAILED' && error.code !== 'EXEC_FAILED') return error
  // A program that wrote nothing was perhaps never run: it gets its tree in a user namespace
  if (error.details.log?.length) return error
  const { noNamespaces } = await import('../doctor/explain.ts')
  const lack = await noNamespaces()
  if (!lack) return error
  const { service, unit } = error.details
  const message = `its program cannot be run here: ${lack.found}`
  return new ClusterError(
    { code: 'NO_MANAGER', service, unit, message, mend: lack.mend },
    { cause: error },
  )
}
