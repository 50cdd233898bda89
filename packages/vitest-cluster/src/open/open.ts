import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { baseDirectory as sessionsDirectory } from '../disk/directories.ts'
import { ClusterError, isClusterError } from '../errors.ts'
import { chooseIsolation } from '../isolation/choose.ts'
import { chooseOwner } from '../machine/owner.ts'
import { shortageOf, withShortage } from '../shortage/explain.ts'
import { type Tally, tally } from '../shortage/groups.ts'
import { assignIds } from '../root/accounts.ts'
import { readResolver } from '../root/etc.ts'
import { processId, writeAbout } from '../session/record.ts'
import { needsOwnManager } from './connect.ts'
import { type Keeper, managerLog, startKeeper } from '../lifetime/keeper.ts'
import { keepLogs } from '../logs/kept.ts'
import { Phases } from '../observe/phases.ts'
import { checkManagerIn, checkReadiness, findPrograms } from './programs.ts'
import { type ManagerChoice, selectManager } from './select-manager.ts'
import type { OpenOptions, Session } from './session.ts'
import { accountsOf, builtTrees, findTrees } from './trees.ts'

/** How often a session is begun again because a stranger has taken a port that was to be forwarded. */
const FORWARD_ATTEMPTS = 5

/** See {@link openSession} in lazy.ts, which is what others call. */
export async function open<S extends Services>(
  definition: ClusterDefinition<S> | Promise<ClusterDefinition<S>>,
  options: OpenOptions = {},
): Promise<Session<S>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openOnce(definition, options)
    } catch (error) {
      const lost = isClusterError(error) && error.code === 'PORT_LOST'
      // Where services listen on the host themselves, they have been started again already (opening.ts)
      const again = lost && (await definition).network === 'private' && attempt < FORWARD_ATTEMPTS
      if (!again) throw error
    }
  }
}

async function openOnce<S extends Services>(
  definition: ClusterDefinition<S> | Promise<ClusterDefinition<S>>,
  options: OpenOptions,
): Promise<Session<S>> {
  const phases = new Phases()
  const before = tally()
  // The manager, the definition and our own heavy modules need about the same time: all at once
  const [wanted, begun, loaded] = await Promise.allSettled([
    phases.time('definition', resolved(definition, options)),
    phases.time('keeper', beginSession()),
    phases.time('code', import('./opening.ts')),
  ])
  const failed = [wanted, begun, loaded].find((each) => each.status === 'rejected')
  if (failed || wanted.status === 'rejected' || begun.status === 'rejected') {
    if (begun.status === 'fulfilled') await begun.value.keeper.release()
    const directory = sessionsDirectory(process.getuid?.() ?? 0)
    throw withShortage((failed as PromiseRejectedResult).reason, { directory, before })
  }
  const { choice, keeper } = begun.value
  const { cluster, programs, isolation, trees, resolver } = wanted.value
  const built = builtTrees(trees).flatMap((tree) => tree.built ?? [])
  const owner = chooseOwner(
    isolation.uids,
    built.some(({ key }) => key !== undefined),
  )
  const ground = {
    services: cluster.services,
    layout: keeper.layout,
    isolation,
    network: cluster.network ?? 'host',
    resolver,
    owner,
    accounts: assignIds(cluster.services, isolation.uids, owner, accountsOf(trees)),
    trees,
    ownManager: needsOwnManager(choice, isolation.name, trees),
    baseDirectory: baseDirectoryOf(options),
    onReady: options.onReady,
    phases,
  }
  const { Opening } = (loaded as PromiseFulfilledResult<typeof import('./opening.ts')>).value
  const opening = new Opening(ground, choice, keeper, programs)
  try {
    const { id, directory } = keeper.layout
    for (const tree of built) await tree.lend(id, directory)
    for (const tree of built) await tree.release()
    const session = (await opening.run(cluster)) as Session<S>
    const { purpose = 'program', config } = options
    const { info } = session
    await writeAbout({
      purpose,
      config,
      owner: processId(),
      detached: false,
      opened: Date.now(),
      begun: phases.begun,
      phases: phases.done,
      info,
    })
    return session
  } catch (error) {
    const explained = await withLogs(
      await explain(error, keeper, { before, uid: owner.uid }),
      keeper,
      options.keepLogs,
    )
    await opening.abandon()
    throw explained
  }
}

async function resolved<S extends Services>(
  definition: ClusterDefinition<S> | Promise<ClusterDefinition<S>>,
  options: OpenOptions,
) {
  const cluster = await definition
  const resolver = cluster.dns === 'host' ? await readResolver() : undefined
  const [isolation, trees] = await Promise.all([
    chooseIsolation(cluster),
    findTrees(cluster, baseDirectoryOf(options), options.onTree),
  ])
  await checkManagerIn(trees.main, isolation)
  const programs = await findPrograms(cluster.services, trees)
  await checkReadiness(cluster.services, trees)
  return { cluster, programs, isolation, trees, resolver }
}

function baseDirectoryOf({ baseDirectory = process.cwd() }: OpenOptions): string {
  return baseDirectory
}

async function beginSession(): Promise<{ choice: ManagerChoice; keeper: Keeper }> {
  const choice = await selectManager()
  const cgroup = choice.kind === 'private' ? choice.cgroup : undefined
  return { choice, keeper: await startKeeper(cgroup) }
}

/** Keeps the logs of a session that did not start, and says where. */
async function withLogs(error: unknown, { layout }: Keeper, place?: string): Promise<unknown> {
  if (!place || !isClusterError(error)) return error
  const logs = await keepLogs(layout.directory, place).catch(() => undefined)
  return logs ? new ClusterError({ ...error.details, logs }, { cause: error.cause }) : error
}

/** What ran out, and forbidden namespaces, show as anything at all: said once here for every step. */
async function explain(
  error: unknown,
  keeper: Keeper,
  known: { readonly before: Tally; readonly uid: number },
): Promise<unknown> {
  const log = await managerLog(keeper.layout)
  const said = [...log, keeper.complaints()].join('\n')
  const { directory } = keeper.layout
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
