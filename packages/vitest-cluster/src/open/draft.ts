import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import type { Values } from '../definition/json.ts'
import { namedPorts } from '../definition/named-ports.ts'
import type { NewSession } from '../lifetime/keeper.ts'
import { own } from '../own.ts'
import { chooseValues, planSession } from '../plan/plan-session.ts'
import type { SessionGround, SessionPlan } from '../plan/session-plan.ts'
import type { Lock } from '../ports/lock.ts'
import type { Phases } from '../session/phases.ts'
import { settled } from '../settled.ts'
import type { Manager } from '../systemd/manager.ts'
import { type Found, findForCluster, planGround } from './ground.ts'
import { planHosts } from './hosts.ts'
import {
  assumeNamed,
  type Ports,
  portNumbers,
  replacePort,
  reserveNamed,
  reservePorts,
} from './ports.ts'
import { type FoundManager, findManager, type ManagerChoice } from './select-manager.ts'
import { releaseTrees, shownTrees, type TreeOptions } from './trees.ts'

export interface DraftOptions extends TreeOptions {
  readonly session: NewSession
  readonly choice: Promise<ManagerChoice>
  readonly phases: Phases
  /** Whether the plan is only shown: ports with numbers of the definition may be in use. */
  readonly planOnly?: boolean
}

interface Known {
  readonly found: Found
  readonly manager: FoundManager
  readonly held: Held
  readonly phases: Phases
}

/** What this process locks for a session. */
interface Held {
  readonly ports: Ports
  /** The lease of the hosts' network. */
  readonly networks: Lock[]
}

/**
 * A session before it is opened: the data that its plan is made from, and what this process holds for it (ports, addresses,
 * trees, the connection to the user's own manager).
 */
export class Draft {
  readonly definition: ClusterDefinition
  readonly ground: SessionGround
  /** The user's own manager, where it runs and is used. */
  readonly outer: Manager | undefined
  readonly #held: Held
  readonly #found: Found
  readonly #phases: Phases
  #values: Readonly<Record<string, Values>> = {}

  /**
   * Finds everything that a definition needs, and reserves ports. Builds missing trees, and creates nothing else.
   * @throws ClusterError with what is missing; as `buildTree` does
   */
  static async make<S extends Services>(
    definition: ClusterDefinition<S> | Promise<ClusterDefinition<S>>,
    { session, choice, phases, ...options }: DraftOptions,
  ): Promise<Draft> {
    const held: Held = { ports: new Map(), networks: [] }
    const [found, manager] = await Promise.allSettled([
      phases.time('definition', findAll(definition, held, options)),
      choice.then(findManager),
    ])
    try {
      if (found.status === 'rejected') throw found.reason
      if (manager.status === 'rejected') throw manager.reason
      const { cluster, hosts, ...machine } = found.value
      const place = { ...session, hosts, baseDirectory: options.baseDirectory }
      const ground = await phases.time('ground', planGround(cluster, machine, manager.value, place))
      const draft = new Draft(cluster, ground, {
        found: machine,
        manager: manager.value,
        held,
        phases,
      })
      await draft.#reserve()
      return draft
    } catch (error) {
      releaseAll(held)
      if (found.status === 'fulfilled') await releaseTrees(found.value.trees)
      if (manager.status === 'fulfilled') outerOf(manager.value)?.disconnect()
      throw error
    }
  }

  private constructor(
    definition: ClusterDefinition,
    ground: SessionGround,
    { found, manager, held, phases }: Known,
  ) {
    this.definition = definition
    this.ground = ground
    this.outer = outerOf(manager)
    this.#held = held
    this.#found = found
    this.#phases = phases
  }

  /** What has to be locked as long as the session is up. */
  get locks(): readonly Lock[] {
    return locksOf(this.#held)
  }

  /** The plan, with the ports as they are now. @throws as {@link planSession} */
  plan(): Promise<SessionPlan> {
    const ports = portNumbers(this.definition, this.#held.ports)
    const planned = planSession(this.definition, this.ground, { ports, values: this.#values })
    return this.#phases.time('plan', planned)
  }

  /** The number that the definition gives to a port of a service. */
  named(service: string, port: string): number | undefined {
    return own(namedPorts(this.definition), `${service}.${port}`)
  }

  /** Reserves another port, because another program has taken this one. */
  replacePort(service: string, port: string): Promise<void> {
    return replacePort(this.#held.ports, service, port)
  }

  /** Registers the session as the user of the trees, in place of this process. */
  async lendTrees(): Promise<void> {
    const { id, paths } = this.ground
    for (const { built } of Object.values(shownTrees(this.#found.trees)))
      await built?.lend(id, paths.directory)
    await releaseTrees(this.#found.trees)
  }

  /** Releases everything that this process holds. */
  async release(): Promise<void> {
    releaseAll(this.#held)
    await releaseTrees(this.#found.trees)
    this.outer?.disconnect()
  }

  async #reserve(): Promise<void> {
    const { services } = this.definition
    const [values] = await settled([
      this.#phases.time('values', chooseValues(services, this.ground)),
      this.#phases.time('ports', reservePorts(this.definition, this.#held.ports)),
    ])
    this.#values = values
  }
}

async function findAll<S extends Services>(
  definition: ClusterDefinition<S> | Promise<ClusterDefinition<S>>,
  { ports, networks }: Held,
  { planOnly, ...options }: TreeOptions & Pick<DraftOptions, 'planOnly'>,
) {
  const cluster = await definition
  // Before trees are built, which may take minutes
  const hosts = await planHosts(cluster.hosts, networks)
  if (planOnly) assumeNamed(namedPorts(cluster), ports)
  else await reserveNamed(namedPorts(cluster), hosts, ports)
  return { cluster, hosts, ...(await findForCluster(cluster, options)) }
}

function locksOf({ ports, networks }: Held): Lock[] {
  return [...networks, ...new Set(ports.values())]
}

function releaseAll(held: Held): void {
  for (const lock of locksOf(held)) lock.release()
}

function outerOf(manager: FoundManager): Manager | undefined {
  return manager.kind === 'user' ? manager.manager : undefined
}
