import { dirname } from 'node:path'
import { apply } from '../apply/apply.ts'
import { forgetLogs, lostPorts } from '../apply/start.ts'
import { ClusterError, isClusterError } from '../errors.ts'
import type { Keeper } from '../lifetime/keeper.ts'
import { leaseEnded } from '../lifetime/lease.ts'
import { sweep } from '../lifetime/sweep.ts'
import { withoutServices } from '../plan/difference.ts'
import { sliceName } from '../plan/names.ts'
import { placeOf, type SessionPlan } from '../plan/session-plan.ts'
import { isTaken } from '../ports/reserve.ts'
import type { Phases } from '../session/phases.ts'
import { settled } from '../settled.ts'
import type { Manager } from '../systemd/manager.ts'
import { connectManager } from './connect.ts'
import type { Draft } from './draft.ts'
import { OpenedSession } from './session.ts'
import { unavailable } from './unavailable-port.ts'
import { warningsOf } from './warnings.ts'

/** How often a cluster is started again because another program took one of its ports. */
const PORT_ATTEMPTS = 5

export interface StartUpParts {
  readonly draft: Draft
  readonly keeper: Keeper
  readonly phases: Phases
  readonly onReady?: ((service: string) => void) | undefined
}

/** Starts the services of a plan, and releases everything when the start fails. */
export class StartUp {
  readonly #parts: StartUpParts
  #manager: Manager | undefined

  constructor(parts: StartUpParts) {
    this.#parts = parts
  }

  async run(first: SessionPlan): Promise<OpenedSession> {
    const { draft, keeper, phases } = this.#parts
    const { definition, ground, outer } = draft
    await draft.lendTrees()
    const [plan] = await settled([
      this.#start(first),
      phases.time('sweep', sweep(dirname(ground.paths.directory), ground.id)),
    ])
    const manager = this.#manager as Manager
    const warnings = await warningsOf(manager, plan)
    const { locks } = draft
    const parts = { definition, plan, manager, outer, keeper, locks, phases, warnings }
    const session = new OpenedSession(parts)
    await session.watch()
    return session
  }

  /** Stops and releases everything that was started. */
  async abandon(): Promise<void> {
    const { draft, keeper } = this.#parts
    const { ground, outer } = draft
    await outer?.stop(sliceName(ground.id)).catch(() => {})
    await keeper.release()
    if (outer) await leaseEnded(outer, ground.id).catch(() => {})
    this.#manager?.disconnect()
    await draft.release()
  }

  /** Starts everything. If another program has taken a port in the meantime, starts again with another port, unless the definition has its number. */
  async #start(first: SessionPlan): Promise<SessionPlan> {
    const { draft } = this.#parts
    let from: SessionPlan | undefined
    let plan = first
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#apply(from, plan)
        return plan
      } catch (error) {
        const lost = this.#manager && isClusterError(error) ? await this.#lost(error, plan) : []
        if (!isClusterError(error) || lost.length === 0) throw error
        const { service = '' } = error.details
        const chosen = lost.filter((port) => draft.named(service, port) === undefined)
        await this.#assertNamed(error, lost, { plan, others: chosen.length > 0 })
        if (attempt === PORT_ATTEMPTS) throw portsLost(error, lost)
        from = withoutServices(plan)
        // A service that was killed because it ignored its stop signal is down as well
        await this.#apply(plan, from).catch(ignoreStopTimeout)
        // Otherwise errors of the next start would quote lines of this one
        await forgetLogs(plan)
        for (const port of chosen) await draft.replacePort(service, port)
        plan = await draft.plan()
      }
    }
  }

  /**
   * Checks that no other program has a port of the service whose number the definition has.
   * @param known `others`: whether it may also have lost another port
   * @throws ClusterError `PORT_UNAVAILABLE`
   */
  async #assertNamed(
    error: ClusterError,
    lost: readonly string[],
    { plan, others }: { readonly plan: SessionPlan; readonly others: boolean },
  ): Promise<void> {
    const { service = '' } = error.details
    const { address } = placeOf(plan, service)
    for (const port of lost) {
      const number = this.#parts.draft.named(service, port)
      if (number === undefined || (others && !(await isTaken(number, address)))) continue
      throw await unavailable(`${service}.${port}`, { number, address }, error)
    }
  }

  async #apply(from: SessionPlan | undefined, to: SessionPlan): Promise<void> {
    const { draft, keeper, phases, onReady } = this.#parts
    const { definition, outer } = draft
    await apply(from, to, {
      manager: this.#manager,
      connect: async (made) => {
        this.#manager = await connectManager(to, { keeper, outer }, made)
        return this.#manager
      },
      services: definition.services,
      phases,
      onReady,
    })
  }

  async #lost(error: ClusterError, plan: SessionPlan): Promise<string[]> {
    // No other program listens in the session's own network
    return plan.network === 'private' ? [] : lostPorts(error.details, plan)
  }
}

function ignoreStopTimeout(error: unknown): void {
  if (!isClusterError(error) || error.code !== 'STOP_TIMEOUT') throw error
}

function portsLost(error: ClusterError, lost: readonly string[]): ClusterError {
  const names = lost.map((port) => `${error.details.service}.${port}`)
  return new ClusterError(
    {
      ...error.details,
      code: 'PORT_LOST',
      message: `lost its port to another program ${PORT_ATTEMPTS} times (${names.join(', ')})`,
      fix: 'Find the program that takes these ports: ss -ltnp.',
    },
    { cause: error },
  )
}
