import { dirname } from 'node:path'
import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { withServiceSite } from '../definition/site.ts'
import { ClusterError, isClusterError } from '../errors.ts'
import {
  type Keeper,
  managerLog,
  type NewSession,
  newSession,
  startKeeper,
} from '../lifetime/keeper.ts'
import { keepLogs } from '../logs/kept.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { Phases } from '../session/phases.ts'
import { processId, writeRecord } from '../session/record.ts'
import { shortageOf, withShortage } from '../shortage/explain.ts'
import { type Tally, tally } from '../shortage/groups.ts'
import { Draft } from './draft.ts'
import { sessionGroup } from './ground.ts'
import { type ManagerChoice, selectManager } from './select-manager.ts'
import type { OpenDetails, OpenedSession } from './session.ts'

/** How often a session is opened again because another process has taken a port that has to be forwarded. */
const FORWARD_ATTEMPTS = 5

/** Implements {@link openSession} in open-session.ts, which loads this file when it is called. */
export async function open<S extends Services>(
  definition: ClusterDefinition<S> | Promise<ClusterDefinition<S>>,
  options: OpenDetails = {},
): Promise<OpenedSession<S>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openOnce(definition, options)
    } catch (error) {
      const lost = isClusterError(error) && error.code === 'PORT_LOST'
      // Without a private network, start-up.ts has already tried again with other ports
      const again = lost && (await definition).network === 'private' && attempt < FORWARD_ATTEMPTS
      if (again) continue
      const cluster = await Promise.resolve(definition).catch(() => undefined)
      throw cluster ? withServiceSite(error, cluster.services) : error
    }
  }
}

async function openOnce<S extends Services>(
  definition: ClusterDefinition<S> | Promise<ClusterDefinition<S>>,
  options: OpenDetails,
): Promise<OpenedSession<S>> {
  const { baseDirectory = process.cwd(), purpose = 'program', config, onReady } = options
  const phases = new Phases()
  const before = tally()
  const session = newSession()
  const choice = selectManager()
  const where = { session, choice, phases, baseDirectory, config, progress: options.onTree }
  // In parallel: the keeper, the plan and our own modules take about the same time
  const [drafted, kept, loaded] = await Promise.allSettled([
    Draft.make(definition, where).then(withPlan),
    phases.time(
      'keeper',
      choice.then((chosen) => keep(session, chosen)),
    ),
    phases.time('code', import('./start-up.ts')),
  ])
  const failed = [drafted, kept, loaded].find((each) => each.status === 'rejected')
  if (failed || drafted.status === 'rejected' || kept.status === 'rejected') {
    if (kept.status === 'fulfilled') await kept.value.release()
    if (drafted.status === 'fulfilled') await drafted.value.draft.release()
    const directory = dirname(session.paths.directory)
    throw withShortage((failed as PromiseRejectedResult).reason, { directory, before })
  }
  const { draft, plan } = drafted.value
  const keeper = kept.value
  const { StartUp } = (loaded as PromiseFulfilledResult<typeof import('./start-up.ts')>).value
  const startUp = new StartUp({ draft, keeper, phases, onReady })
  try {
    const opened = (await startUp.run(plan)) as OpenedSession<S>
    await writeRecord({
      ...{ purpose, config, owner: processId(), detached: false, opened: Date.now() },
      ...{ begun: phases.begun, phases: phases.done },
      ...{ warnings: opened.warnings, plan: opened.plan },
    })
    return opened
  } catch (error) {
    const { uid } = draft.ground.owner
    const explained = await withLogs(
      await explain(error, keeper, { before, uid }),
      keeper,
      options.keepLogs,
    )
    await startUp.abandon()
    throw explained
  }
}

async function withPlan(draft: Draft): Promise<{ draft: Draft; plan: SessionPlan }> {
  try {
    return { draft, plan: await draft.plan() }
  } catch (error) {
    await draft.release()
    throw error
  }
}

function keep(session: NewSession, choice: ManagerChoice): Promise<Keeper> {
  const group = choice.kind === 'private' ? sessionGroup(choice.cgroup, session.id) : undefined
  return startKeeper(session, group)
}

/** Keeps the logs of a session that did not start, and adds their directory to the error. */
async function withLogs(error: unknown, { paths }: Keeper, place?: string): Promise<unknown> {
  if (!place || !isClusterError(error)) return error
  const logs = await keepLogs(paths.directory, place).catch(() => undefined)
  return logs ? new ClusterError({ ...error.details, logs }, { cause: error.cause }) : error
}

/** Replaces an error of any step by its cause, if a resource has run out or namespaces are forbidden. */
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
  // A program that wrote nothing may never have run: systemd starts it in a user namespace
  if (error.details.log?.length) return error
  const { noNamespaces } = await import('../doctor/explain.ts')
  const lack = await noNamespaces()
  if (!lack) return error
  const { service, unit } = error.details
  const message = `its program cannot be run here: ${lack.found}`
  return new ClusterError(
    { code: 'NO_MANAGER', service, unit, message, fix: lack.fix },
    { cause: error },
  )
}
