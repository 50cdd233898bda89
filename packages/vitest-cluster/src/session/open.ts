import { dirname } from 'node:path'
import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { ClusterError, errnoOf, isClusterError, messageOf } from '../errors.ts'
import { processId, writeAbout } from './about.ts'
import { directoryError, isFull, type Keeper, startKeeper } from './keeper.ts'
import { keepLogs } from './kept-logs.ts'
import { Phases } from './phases.ts'
import { findPrograms } from './programs.ts'
import { type ManagerChoice, selectManager } from './select-manager.ts'
import type { OpenOptions, Session } from './session.ts'

/** See {@link openSession} in lazy.ts, which is what others call. */
export async function open<S extends Services>(
  definition: ClusterDefinition<S> | Promise<ClusterDefinition<S>>,
  options: OpenOptions = {},
): Promise<Session<S>> {
  const phases = new Phases()
  // The manager, the definition and our own heavy modules need about the same time: all at once
  const [wanted, begun, loaded] = await Promise.allSettled([
    phases.time('definition', withPrograms(definition)),
    phases.time('keeper', beginSession()),
    phases.time('code', import('./opening.ts')),
  ])
  if (begun.status === 'rejected') throw wanted.status === 'rejected' ? wanted.reason : begun.reason
  const { choice, keeper } = begun.value
  if (wanted.status === 'rejected' || loaded.status === 'rejected') {
    await keeper.release()
    throw wanted.status === 'rejected' ? wanted.reason : (loaded as PromiseRejectedResult).reason
  }
  const { cluster, programs } = wanted.value
  const ground = {
    services: cluster.services,
    layout: keeper.layout,
    owner: { uid: choice.uid, gid: choice.gid },
    baseDirectory: options.baseDirectory ?? process.cwd(),
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

async function withPrograms<S extends Services>(
  definition: ClusterDefinition<S> | Promise<ClusterDefinition<S>>,
) {
  const cluster = await definition
  return { cluster, programs: await findPrograms(cluster.services) }
}

async function beginSession(): Promise<{ choice: ManagerChoice; keeper: Keeper }> {
  const choice = await selectManager()
  const cgroup = choice.kind === 'private' ? choice.cgroup : undefined
  const { uid, gid } = choice
  return { choice, keeper: await startKeeper({ manager: choice.kind, uid, gid, cgroup }) }
}

/** Keeps the logs of a session that did not start, and says where. */
async function withLogs(error: unknown, { layout }: Keeper, place?: string): Promise<unknown> {
  if (!place || !isClusterError(error)) return error
  const logs = await keepLogs(layout.directory, place).catch(() => undefined)
  return logs ? new ClusterError({ ...error.details, logs }, { cause: error.cause }) : error
}

/** A full disk shows as anything at all: said once here for every step. */
async function explain(error: unknown, keeper: Keeper): Promise<unknown> {
  const ours = isClusterError(error)
  if (ours && error.code !== 'SERVICE_FAILED' && error.code !== 'EXEC_FAILED') return error
  const said = `${messageOf(error)}\n${ours ? (error.details.log ?? []).join('\n') : ''}`
  const told = errnoOf(error) === 'ENOSPC' || /No space left on device|ENOSPC/.test(said)
  if (!told && !(await isFull(keeper.layout.directory))) return error
  const base = dirname(keeper.layout.directory)
  const full = await directoryError(base, 'No space left on device', error)
  if (!ours) return full
  const { service, log } = error.details
  return new ClusterError({ ...full.details, service, log }, { cause: error })
}
