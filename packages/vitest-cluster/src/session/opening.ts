import { dirname } from 'node:path'
import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { startOrder } from '../definition/order.ts'
import type { Values } from '../definition/service.ts'
import { ClusterError } from '../errors.ts'
import { type SessionFacts, serviceContext } from '../plan/context.ts'
import { sliceName } from '../plan/names.ts'
import { planUnit, type UnitPlan, type UnitSurroundings } from '../plan/unit.ts'
import { reservePort } from '../ports/reserve.ts'
import type { Manager } from '../systemd/manager.ts'
import { connectManager, leaseEnded } from './connect.ts'
import type { SessionInfo } from './info.ts'
import type { Keeper } from './keeper.ts'
import type { Phases } from './phases.ts'
import {
  type Groundwork,
  makeTree,
  makeValues,
  type Ports,
  reservePorts,
  sessionFacts,
  writeServiceFiles,
} from './prepare.ts'
import { makeStates } from './prepare-state.ts'
import type { ManagerChoice } from './select-manager.ts'
import { Session } from './session.ts'
import { settled } from './settled.ts'
import { lostPorts, startUnits } from './start.ts'
import { sweep } from './sweep.ts'

/** How often a cluster is started again because a stranger took one of its ports. */
const PORT_ATTEMPTS = 5

/** The steps of one `open`, and what they have to give back when one fails. */
export class Opening {
  readonly #ground: Groundwork & { readonly phases: Phases }
  readonly #choice: ManagerChoice
  readonly #keeper: Keeper
  readonly #programs: Readonly<Record<string, string>>
  readonly #ports: Ports = new Map()
  #manager: Manager | undefined

  constructor(
    ground: Groundwork & { readonly phases: Phases },
    choice: ManagerChoice,
    keeper: Keeper,
    programs: Readonly<Record<string, string>>,
  ) {
    this.#ground = ground
    this.#choice = choice
    this.#keeper = keeper
    this.#programs = programs
  }

  async run(definition: ClusterDefinition): Promise<Session> {
    const ground = this.#ground
    const { layout, services, phases } = ground
    const time = <T>(name: string, work: Promise<T>) => phases.time(name, work)
    // All at once: the manager takes about as long to start as everything else together
    const [connected, { tree, missing }, values] = await settled([
      time('manager', this.#connect()),
      time('tree', makeTree(ground)),
      time('values', makeValues(ground)),
      time('ports', reservePorts(services, this.#ports)),
      time('sweep', sweep(dirname(layout.directory), layout.id)),
    ])
    const { manager, inherited } = connected
    const surroundings = {
      id: layout.id,
      tree,
      logs: layout.logs,
      inherited,
      programs: this.#programs,
    }
    const facts = sessionFacts(ground, this.#ports, values)
    const info = { facts, surroundings, output: layout.output, units: {} }
    if (missing.length > 0) await time('states', makeStates(missing, manager, info))
    const started = await this.#start(manager, values, surroundings)
    const session = new Session({
      definition,
      manager,
      keeper: this.#keeper,
      choice: this.#choice,
      plans: started.plans,
      ports: [...this.#ports.values()],
      info: this.#info(started, manager, surroundings),
      phases,
    })
    await session.watch()
    return session
  }

  /** Ends everything that was begun. */
  async abandon(): Promise<void> {
    for (const port of this.#ports.values()) port.release()
    const { id } = this.#keeper.layout
    // A manager that outlives the session
    const manager = this.#choice.kind === 'user' ? this.#manager : undefined
    await manager?.stop(sliceName(id)).catch(() => {})
    await this.#keeper.release()
    if (manager) await leaseEnded(manager, id).catch(() => {})
    this.#manager?.disconnect()
  }

  async #connect() {
    const connected = await connectManager(this.#choice, this.#keeper)
    this.#manager = connected.manager
    return connected
  }

  /** Starts all units; where a stranger has taken a port in between, again with another port. */
  async #start(
    manager: Manager,
    values: Readonly<Record<string, Values>>,
    surroundings: UnitSurroundings,
  ): Promise<Started> {
    const { services } = this.#ground
    for (let attempt = 1; ; attempt++) {
      const facts = sessionFacts(this.#ground, this.#ports, values)
      await this.#ground.phases.time('plan', writeServiceFiles(services, facts))
      const plans = startOrder(services).map((name) =>
        planUnit(services[name] as Services[string], serviceContext(facts, name), surroundings),
      )
      const { phases, onReady } = this.#ground
      const starting = startUnits(manager, plans, services, facts, onReady)
      const failure = await phases.time('services', starting)
      if (!failure) return { facts, plans }
      const lost = await lostPorts(failure, facts)
      if (lost.length === 0) throw failure.error
      if (attempt === PORT_ATTEMPTS) throw portsLost(failure.error, lost)
      await failure.undo()
      for (const port of lost) {
        this.#ports.get(port)?.release()
        this.#ports.set(port, await reservePort())
      }
    }
  }

  #info({ facts, plans }: Started, manager: Manager, surroundings: UnitSurroundings): SessionInfo {
    const { services, layout } = this.#ground
    const units = plans.map(({ service, unit, log }) => {
      const definition = services[service]
      const deny = definition?.unit?.SystemCallDeny ?? []
      const env = definition?.env?.(serviceContext(facts, service)) ?? {}
      return [service, { unit, log, deny, env }] as const
    })
    const { directory, status, output } = layout
    const address = manager.bus.address
    return {
      facts,
      surroundings,
      address,
      directory,
      status,
      output,
      units: Object.fromEntries(units),
    }
  }
}

interface Started {
  readonly facts: SessionFacts
  readonly plans: readonly UnitPlan[]
}

function portsLost(error: ClusterError, lost: readonly string[]): ClusterError {
  return new ClusterError(
    {
      ...error.details,
      code: 'PORT_LOST',
      message: `lost its port to another program ${PORT_ATTEMPTS} times (${lost.join(', ')})`,
      mend: 'Something on this machine takes ports as fast as they are chosen: see ss -ltnp.',
    },
    { cause: error },
  )
}
