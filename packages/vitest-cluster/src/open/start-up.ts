import { dirname } from 'node:path'
import { apply } from '../apply/apply.ts'
import { lostPorts } from '../apply/start.ts'
import type { ClusterDefinition } from '../definition/cluster.ts'
import { ClusterError, isClusterError } from '../errors.ts'
import type { Keeper } from '../lifetime/keeper.ts'
import { leaseEnded } from '../lifetime/lease.ts'
import { sweep } from '../lifetime/sweep.ts'
import { emptyLog } from '../logs/file.ts'
import { withoutServices } from '../plan/difference.ts'
import { sliceName } from '../plan/names.ts'
import { chooseValues, planSession } from '../plan/plan-session.ts'
import type { SessionGround, SessionPlan } from '../plan/session-plan.ts'
import type { Phases } from '../session/phases.ts'
import { settled } from '../settled.ts'
import type { Manager } from '../systemd/manager.ts'
import { connectManager } from './connect.ts'
import { type Ports, portNumbers, releasePorts, replacePort, reservePorts } from './ports.ts'
import { Session } from './session.ts'

/** How often a cluster is started again because another program took one of its ports. */
const PORT_ATTEMPTS = 5

export interface StartUpParts {
  readonly definition: ClusterDefinition
  readonly ground: SessionGround
  readonly keeper: Keeper
  /** The user's own manager, where it runs and is used. */
  readonly outer: Manager | undefined
  readonly phases: Phases
  readonly onReady?: ((service: string) => void) | undefined
}

/** The steps of one `open`, and what they have to give back when one fails. */
export class StartUp {
  readonly #parts: StartUpParts
  readonly #ports: Ports = new Map()
  #manager: Manager | undefined

  constructor(parts: StartUpParts) {
    this.#parts = parts
  }

  async run(): Promise<Session> {
    const { definition, ground, keeper, outer, phases } = this.#parts
    const { services } = definition
    await reservePorts(services, this.#ports)
    const values = await chooseValues(services, ground)
    const planned = () =>
      phases.time(
        'plan',
        planSession(definition, ground, { ports: portNumbers(services, this.#ports), values }),
      )
    const [plan] = await settled([
      planned().then((first) => this.#start(first, planned)),
      phases.time('sweep', sweep(dirname(ground.paths.directory), ground.id)),
    ])
    const manager = this.#manager as Manager
    const ports = [...this.#ports.values()]
    const session = new Session({ definition, plan, manager, outer, keeper, ports, phases })
    await session.watch()
    return session
  }

  /** Ends everything that was begun. */
  async abandon(): Promise<void> {
    const { ground, keeper, outer } = this.#parts
    releasePorts(this.#ports)
    await outer?.stop(sliceName(ground.id)).catch(() => {})
    await keeper.release()
    if (outer) await leaseEnded(outer, ground.id).catch(() => {})
    this.#manager?.disconnect()
    outer?.disconnect()
  }

  /** Starts everything; where another program has taken a port in between, again with another port. */
  async #start(first: SessionPlan, planned: () => Promise<SessionPlan>): Promise<SessionPlan> {
    let from: SessionPlan | undefined
    let plan = first
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#apply(from, plan)
        return plan
      } catch (error) {
        const lost = this.#manager && isClusterError(error) ? await this.#lost(error, plan) : []
        if (!isClusterError(error) || lost.length === 0) throw error
        if (attempt === PORT_ATTEMPTS) throw portsLost(error, lost)
        const { service = '' } = error.details
        from = withoutServices(plan)
        // The next start must not be judged by what this one wrote
        await this.#apply(plan, from)
        await Promise.all(
          Object.values(plan.services).map(({ log }) => emptyLog(log).catch(() => {})),
        )
        for (const port of lost) await replacePort(this.#ports, service, port)
        plan = await planned()
      }
    }
  }

  async #apply(from: SessionPlan | undefined, to: SessionPlan): Promise<void> {
    const { definition, keeper, outer, phases, onReady } = this.#parts
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
    // In a network of its own nobody else listens
    return plan.network === 'private' ? [] : lostPorts(error.details, plan)
  }
}

function portsLost(error: ClusterError, lost: readonly string[]): ClusterError {
  const names = lost.map((port) => `${error.details.service}.${port}`)
  return new ClusterError(
    {
      ...error.details,
      code: 'PORT_LOST',
      message: `lost its port to another program ${PORT_ATTEMPTS} times (${names.join(', ')})`,
      mend: 'Something on this machine takes ports as fast as they are chosen: see ss -ltnp.',
    },
    { cause: error },
  )
}
