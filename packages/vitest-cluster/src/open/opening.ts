import { dirname, join } from 'node:path'
import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { startOrder } from '../definition/order.ts'
import type { Values } from '../definition/service.ts'
import { ClusterError } from '../errors.ts'
import { type SessionFacts, serviceContext } from '../plan/context.ts'
import { ownershipUnit, reclaimUnit, sliceName } from '../plan/names.ts'
import { OWNERSHIP_LOG, planOwnership, planReclaim } from '../plan/ownership.ts'
import type { UnitSurroundings } from '../plan/sandbox.ts'
import { planUnit, type UnitPlan, unitOptions } from '../plan/unit.ts'
import { reservePort } from '../ports/reserve.ts'
import type { Manager } from '../systemd/manager.ts'
import type { Property } from '../systemd/properties.ts'
import { type ConnectedManager, connectManager } from './connect.ts'
import type { SessionInfo } from './info.ts'
import type { Keeper } from '../lifetime/keeper.ts'
import { leaseEnded } from '../lifetime/lease.ts'
import { tail } from '../logs/service-log.ts'
import type { Phases } from '../observe/phases.ts'
import {
  type Groundwork,
  makeTree,
  makeValues,
  type Ports,
  reservePorts,
  sessionFacts,
  withPrograms,
  writeForward,
  writeServiceFiles,
} from './prepare.ts'
import { makeStates } from '../apply/states.ts'
import type { SessionPrograms } from './programs.ts'
import type { ManagerChoice } from './select-manager.ts'
import { Session } from './session.ts'
import { settled } from '../settled.ts'
import { lostPorts, startUnits } from '../apply/start.ts'
import { sweep } from '../lifetime/sweep.ts'

/** How often a cluster is started again because a stranger took one of its ports. */
const PORT_ATTEMPTS = 5

/** The steps of one `open`, and what they have to give back when one fails. */
export class Opening {
  readonly #ground: Groundwork & { readonly phases: Phases }
  readonly #choice: ManagerChoice
  readonly #keeper: Keeper
  readonly #programs: SessionPrograms
  readonly #ports: Ports = new Map()
  #connected: ConnectedManager | undefined

  constructor(
    ground: Groundwork & { readonly phases: Phases },
    choice: ManagerChoice,
    keeper: Keeper,
    programs: SessionPrograms,
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
    const made = makeTree(ground)
    const reserved = reservePorts(services, this.#ports).then(() =>
      writeForward(ground, this.#ports),
    )
    const bootable = Promise.all([made, reserved])
    // Only what boots the tree waits for it; everybody hears of its failure below
    bootable.catch(() => {})
    const [connected, { tree, own: ownTrees, missing }, values] = await settled([
      time('manager', this.#connect(bootable)),
      time('tree', made),
      time('values', makeValues(ground)),
      time('ports', reserved),
      time('sweep', sweep(dirname(layout.directory), layout.id)),
    ])
    const { manager, inherited } = connected
    const surroundings = {
      id: layout.id,
      isolation: ground.isolation.name,
      tree,
      own: withPrograms(ownTrees, this.#programs.own),
      accounts: ground.accounts,
      logs: layout.logs,
      output: layout.output,
      shm: layout.shm,
      ownManager: ground.ownManager,
      inherited,
      programs: this.#programs.main,
    }
    const facts = sessionFacts(ground, this.#ports, values)
    const info = { facts, surroundings, units: {} }
    if (missing.length > 0) await time('states', makeStates(missing, manager, info))
    const started = await this.#start(connected, values, surroundings)
    const session = new Session({
      definition,
      ...connected,
      keeper: this.#keeper,
      plans: started.plans,
      ports: [...this.#ports.values()],
      info: this.#info(started, connected, surroundings),
      phases,
    })
    await session.watch()
    return session
  }

  /** Ends everything that was begun. */
  async abandon(): Promise<void> {
    for (const port of this.#ports.values()) port.release()
    const { id } = this.#keeper.layout
    const { outer, manager } = this.#connected ?? {}
    await outer?.stop(sliceName(id)).catch(() => {})
    await this.#keeper.release()
    if (outer) await leaseEnded(outer, id).catch(() => {})
    manager?.disconnect()
    outer?.disconnect()
  }

  async #connect(bootable: Promise<unknown>): Promise<ConnectedManager> {
    const { isolation, owner, accounts, trees } = this.#ground
    const choice = this.#choice
    this.#connected = await connectManager({
      choice,
      keeper: this.#keeper,
      isolation: isolation.name,
      owner,
      accounts,
      trees,
      bootable,
    })
    return this.#connected
  }

  /** Starts all units; where a stranger has taken a port in between, again with another port. */
  async #start(
    { manager, cgroup }: ConnectedManager,
    values: Readonly<Record<string, Values>>,
    surroundings: UnitSurroundings,
  ): Promise<Started> {
    const { services, layout, network } = this.#ground
    for (let attempt = 1; ; attempt++) {
      const facts = sessionFacts(this.#ground, this.#ports, values)
      await this.#ground.phases.time('plan', writeServiceFiles(services, facts))
      const plans = startOrder(services).map((name) =>
        planUnit(services[name] as Services[string], serviceContext(facts, name), surroundings),
      )
      const { phases, onReady } = this.#ground
      const owned = this.#own(
        manager,
        ownershipUnit(layout.id),
        planOwnership(services, surroundings),
      )
      const starting = startUnits({ manager, cgroup, plans, services, facts, onReady })
      const [failure] = await phases.time('services', settled([starting, owned]))
      if (!failure) return { facts, plans }
      // In a network of its own no stranger listens
      const lost = network === 'private' ? [] : await lostPorts(failure, facts)
      if (lost.length === 0) throw failure.error
      if (attempt === PORT_ATTEMPTS) throw portsLost(failure.error, lost)
      await failure.undo()
      await this.#reclaim(manager, surroundings)
      for (const port of lost) {
        this.#ports.get(port)?.release()
        this.#ports.set(port, await reservePort())
      }
    }
  }

  /** Runs a unit that changes owners; where there is one uid there is nothing to change. */
  async #own(manager: Manager, unit: string, properties: readonly Property[]): Promise<void> {
    if (this.#ground.isolation.uids === 'one') return
    const job = await manager.startTransient(unit, properties)
    if (job === 'done') return
    throw new ClusterError({
      code: 'NO_MANAGER',
      unit,
      message: `the services' directories could not be given to their accounts: the job ended with '${job}'`,
      mend: 'The last lines say why.',
      log: await tail(join(this.#ground.layout.logs, OWNERSHIP_LOG)),
    })
  }

  /** Takes back what accounts were given, so that files can be written once more. */
  async #reclaim(manager: Manager, surroundings: UnitSurroundings): Promise<void> {
    const { services, layout } = this.#ground
    const given = ownershipUnit(layout.id)
    await manager.stop(given)
    await manager.forget(given)
    await this.#own(manager, reclaimUnit(layout.id), planReclaim(services, surroundings))
  }

  #info(
    { facts, plans }: Started,
    { manager, cgroup }: ConnectedManager,
    surroundings: UnitSurroundings,
  ): SessionInfo {
    const { services, layout } = this.#ground
    const units = plans.map(({ service, unit, log }) => {
      const definition = services[service]
      const context = serviceContext(facts, service)
      const deny = (definition && unitOptions(definition, context).SystemCallDeny) ?? []
      const env = definition?.env?.(context) ?? {}
      const { user, group } = definition ?? {}
      return [service, { unit, log, deny, env, user, group }] as const
    })
    const { directory, status } = layout
    const address = manager.bus.address
    return {
      facts,
      surroundings,
      address,
      cgroup,
      directory,
      status,
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
