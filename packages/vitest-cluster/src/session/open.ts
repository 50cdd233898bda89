import { dirname } from 'node:path'
import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { ClusterError, errnoOf, isClusterError, messageOf } from '../errors.ts'
import { chooseIsolation } from '../isolation/choose.ts'
import { chooseOwner } from '../machine/owner.ts'
import { assignIds } from '../tree/accounts.ts'
import { processId, writeAbout } from './about.ts'
import { needsOwnManager } from './connect.ts'
import { directoryError, isFull, type Keeper, startKeeper } from './keeper.ts'
import { keepLogs } from './kept-logs.ts'
import { Phases } from './phases.ts'
import { checkManagerIn, findPrograms } from './programs.ts'
import { type ManagerChoice, selectManager } from './select-manager.ts'
import type { OpenOptions, Session } from './session.ts'
import { accountsOf, builtTrees, findTrees } from './tree.ts'

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
  // The manager, the definition and our own heavy modules need about the same time: all at once
  const [wanted, begun, loaded] = await Promise.allSettled([
    phases.time('definition', resolved(definition, options)),
    phases.time('keeper', beginSession()),
    phases.time('code', import('./opening.ts')),
  ])
  if (begun.status === 'rejected') throw wanted.status === 'rejected' ? wanted.reason : begun.reason
  const { choice, keeper } = begun.value
  if (wanted.status === 'rejected' || loaded.status === 'rejected') {
    await keeper.release()
    throw wanted.status === 'rejected' ? wanted.reason : (loaded as PromiseRejectedResult).reason
  }
  const { cluster, programs, isolation, trees } = wanted.value
  const built = builtTrees(trees).flatMap((tree) => tree.built ?? [])
  const owner = chooseOwner(
    isolation.uids,
    built.some(({ key }) => key !== undefined),
  )
  const { id, directory } = keeper.layout
  for (const tree of built) await tree.lend(id, directory)
  for (const tree of built) await tree.release()
  const ground = {
    services: cluster.services,
    layout: keeper.layout,
    isolation,
    network: cluster.network ?? 'host',
    owner,
    accounts: assignIds(cluster.services, isolation.uids, owner, accountsOf(trees)),
    trees,
    ownManager: needsOwnManager(choice, isolation.name, trees),
    baseDirectory: baseDirectoryOf(options),
    onReady: options.onReady,
    phases,
  }
  const opening = new loaded.value.Opening(ground, choice, keeper, programs)
  try {
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
    const explained = await withLogs(await explain(error, keeper), keeper, options.keepLogs)
    await opening.abandon()
    throw explained
  }
}

async function resolved<S extends Services>(
  definition: ClusterDefinition<S> | Promise<ClusterDefinition<S>>,
  options: OpenOptions,
) {
  const cluster = await definition
  const [isolation, trees] = await Promise.all([
    chooseIsolation(cluster),
    findTrees(cluster, baseDirectoryOf(options), options.onTree),
  ])
  await checkManagerIn(trees.main, isolation)
  const programs = await findPrograms(cluster.services, trees)
  return { cluster, programs, isolation, trees }
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

/** A full disk and forbidden namespaces show as anything at all: said once here for every step. */
async function explain(error: unknown, keeper: Keeper): Promise<unknown> {
  const ours = isClusterError(error)
  if (ours && error.code !== 'SERVICE_FAILED' && error.code !== 'EXEC_FAILED') return error
  // A program that wrote nothing was perhaps never run: it gets its tree in a user namespace
  const lack = ours && !error.details.log?.length ? await withoutNamespaces() : undefined
  if (ours && lack) {
    const { service, unit } = error.details
    const message = `its program cannot be run here: ${lack.found}`
    return new ClusterError(
      { code: 'NO_MANAGER', service, unit, message, mend: lack.mend },
      { cause: error },
    )
  }
  const said = `${messageOf(error)}\n${ours ? (error.details.log ?? []).join('\n') : ''}`
  const told = errnoOf(error) === 'ENOSPC' || /No space left on device|ENOSPC/.test(said)
  if (!told && !(await isFull(keeper.layout.directory))) return error
  const base = dirname(keeper.layout.directory)
  const full = await directoryError(base, 'No space left on device', error)
  if (!ours) return full
  const { service, log } = error.details
  return new ClusterError({ ...full.details, service, log }, { cause: error })
}

async function withoutNamespaces() {
  const { noNamespaces } = await import('../doctor/explain.ts')
  return noNamespaces()
}
