import { dirname } from 'node:path'
import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { ClusterError, errnoOf, isClusterError, messageOf } from '../errors.ts'
import { directoryError, type Keeper, startKeeper } from './keeper.ts'
import { findPrograms } from './programs.ts'
import { selectManager } from './select-manager.ts'
import type { OpenOptions, Session } from './session.ts'

/** See {@link openSession} in lazy.ts, which is what others call. */
export async function open<S extends Services>(
  definition: ClusterDefinition<S>,
  { baseDirectory = process.cwd() }: OpenOptions = {},
): Promise<Session<S>> {
  const { services } = definition
  const [programs, choice] = await Promise.all([findPrograms(services), selectManager()])
  const owner = { uid: choice.uid, gid: choice.gid }
  const cgroup = choice.kind === 'private' ? choice.cgroup : undefined
  const keeper = await startKeeper({ manager: choice.kind, ...owner, cgroup })
  const ground = { services, layout: keeper.layout, owner, baseDirectory }
  // Loaded while the manager starts: it takes about as long
  const { Opening } = await import('./opening.ts')
  const opening = new Opening(ground, choice, keeper, programs)
  try {
    return (await opening.run(definition)) as Session<S>
  } catch (error) {
    await opening.abandon()
    throw await explain(error, keeper)
  }
}

/** A full disk shows as anything at all: said once here for every step. */
async function explain(error: unknown, keeper: Keeper): Promise<unknown> {
  const ours = isClusterError(error)
  if (ours && error.code !== 'SERVICE_FAILED' && error.code !== 'EXEC_FAILED') return error
  const said = `${messageOf(error)}\n${ours ? (error.details.log ?? []).join('\n') : ''}`
  if (errnoOf(error) !== 'ENOSPC' && !/No space left on device|ENOSPC/.test(said)) return error
  const base = dirname(keeper.layout.directory)
  const full = await directoryError(base, 'No space left on device', error)
  if (!ours) return full
  const { service, log } = error.details
  return new ClusterError({ ...full.details, service, log }, { cause: error })
}
