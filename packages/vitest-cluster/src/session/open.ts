import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { startOrder } from '../definition/order.ts'
import type { Values } from '../definition/service.ts'
import { ClusterError, errnoOf, isClusterError, messageOf } from '../errors.ts'
import { initialFacts, type SessionFacts, serviceContext } from '../plan/context.ts'
import { planUnit, type UnitPlan, type UnitSurroundings } from '../plan/unit.ts'
import { type ReservedPort, reservePort } from '../ports/reserve.ts'
import type { Manager } from '../systemd/manager.ts'
import { hostTree } from '../tree/host.ts'
import { connectManager } from './connect.ts'
import { writeFiles } from './files.ts'
import { directoryError, type Keeper, startKeeper } from './keeper.ts'
import { prepareStates } from './prepare-state.ts'
import { findPrograms } from './programs.ts'
import { type ManagerChoice, selectManager } from './select-manager.ts'
import { type OpenOptions, Session } from './session.ts'
import { lostPorts, startUnits } from './start.ts'
import { sweep } from './sweep.ts'

/** How often a cluster is started again because a stranger took one of its ports. */
const PORT_ATTEMPTS = 5

/** See {@link openSession} in lazy.ts, which is what others call. */
export async function open<S extends Services>(
  definition: ClusterDefinition<S>,
  { baseDirectory = process.cwd() }: OpenOptions = {},
): Promise<Session<S>> {
  const { services } = definition
  const [programs, choice] = await Promise.all([findPrograms(services), selectManager()])
  const keeper = await startKeeper({
    manager: choice.kind,
    uid: choice.uid,
    gid: choice.gid,
    cgroup: choice.kind === 'private' ? choice.cgroup : undefined,
  })
  const opening = new Opening({ services, choice, keeper, programs, baseDirectory })
  try {
    return (await opening.run(definition)) as Session<S>
  } catch (error) {
    await opening.abandon()
    throw await explain(error, keeper)
  }
}

interface OpeningParts {
  readonly services: Services
  readonly choice: ManagerChoice
  readonly keeper: Keeper
  readonly programs: Readonly<Record<string, string>>
  readonly baseDirectory: string
}

/** The steps of one `openSession`, and what they have to give back when one fails. */
class Opening {
  readonly #services: Services
  readonly #choice: ManagerChoice
  readonly #keeper: Keeper
  readonly #programs: Readonly<Record<string, string>>
  readonly #baseDirectory: string
  readonly #ports = new Map<string, ReservedPort>()
  #manager: Manager | undefined

  constructor({ services, choice, keeper, programs, baseDirectory }: OpeningParts) {
    this.#services = services
    this.#choice = choice
    this.#keeper = keeper
    this.#programs = programs
    this.#baseDirectory = baseDirectory
  }

  async run(definition: ClusterDefinition): Promise<Session> {
    const { layout } = this.#keeper
    const sweeping = sweep(join(layout.directory, '..'), layout.id)
    const [connected, tree, values] = await settled([
      connectManager(this.#choice, this.#keeper).then((result) => {
        this.#manager = result.manager
        return result
      }),
      this.#makeTree(),
      this.#makeValues(),
      this.#reservePorts(),
      sweeping,
    ])
    const surroundings: UnitSurroundings = {
      id: layout.id,
      tree,
      logs: layout.logs,
      inherited: connected.inherited,
      programs: this.#programs,
    }
    await this.#own()
    await prepareStates({
      services: this.#services,
      facts: this.#facts(values),
      manager: connected.manager,
      info: { surroundings, output: layout.output, units: {} },
      own: () => this.#own(),
    })
    const { facts, plans } = await this.#start(connected.manager, values, surroundings)
    const session = new Session({
      definition,
      manager: connected.manager,
      keeper: this.#keeper,
      choice: this.#choice,
      plans,
      ports: [...this.#ports.values()],
      info: {
        facts,
        surroundings,
        address: connected.manager.bus.address,
        directory: layout.directory,
        status: layout.status,
        output: layout.output,
        units: Object.fromEntries(
          plans.map(({ service, unit, log }) => [
            service,
            {
              unit,
              log,
              deny: this.#services[service]?.unit?.SystemCallDeny ?? [],
              env: this.#services[service]?.env?.(serviceContext(facts, service)) ?? {},
            },
          ]),
        ),
      },
    })
    await session.watch()
    return session
  }

  /** Ends everything that was begun. */
  async abandon(): Promise<void> {
    for (const port of this.#ports.values()) port.release()
    await this.#keeper.release()
    this.#manager?.disconnect()
  }

  /** Starts all units; where a stranger has taken a port in between, again with another port. */
  async #start(
    manager: Manager,
    values: Readonly<Record<string, Values>>,
    surroundings: UnitSurroundings,
  ): Promise<{ facts: SessionFacts; plans: UnitPlan[] }> {
    for (let attempt = 1; ; attempt++) {
      const facts = this.#facts(values)
      await this.#writeFiles(facts)
      const plans = startOrder(this.#services).map((name) =>
        planUnit(
          this.#services[name] as Services[string],
          serviceContext(facts, name),
          surroundings,
        ),
      )
      const failure = await startUnits(manager, plans, this.#services, facts)
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

  async #makeTree() {
    const { root, logs, output, client } = this.#keeper.layout
    const names = Object.keys(this.#services)
    const definitions = Object.values(this.#services)
    const tree = await hostTree({
      root,
      uid: this.#choice.uid,
      gid: this.#choice.gid,
      hostNames: names,
      accounts: definitions.flatMap((service) => service.accounts ?? []),
      hostPaths: [...new Set(definitions.flatMap((service) => service.hostPaths ?? []))],
    })
    await Promise.all([
      mkdir(logs, { mode: 0o755 }),
      mkdir(output, { mode: 0o755 }),
      ...names.map((name) => mkdir(join(root, 'srv', name), { mode: 0o700 })),
    ])
    await Promise.all(
      names.map((name) => mkdir(join(client, name), { recursive: true, mode: 0o700 })),
    )
    return tree
  }

  async #makeValues(): Promise<Record<string, Values>> {
    const { client } = this.#keeper.layout
    const entries = await settled(
      Object.entries(this.#services).map(async ([name, service]) => {
        const clientDirectory = join(client, name)
        await mkdir(clientDirectory, { recursive: true, mode: 0o700 })
        return [name, (await service.values?.({ name, clientDirectory })) ?? {}] as const
      }),
    )
    return Object.fromEntries(entries)
  }

  async #reservePorts(): Promise<void> {
    for (const [name, service] of Object.entries(this.#services)) {
      for (const port of service.ports ?? [])
        this.#ports.set(`${name}.${port}`, await reservePort())
    }
  }

  #facts(values: Readonly<Record<string, Values>>): SessionFacts {
    const { uid, gid } = this.#choice
    const { id, root, client } = this.#keeper.layout
    const services = Object.entries(this.#services).map(([name, definition]) => {
      const ports = (definition.ports ?? []).map((port: string) => [
        port,
        this.#ports.get(`${name}.${port}`)?.number ?? 0,
      ])
      return [
        name,
        {
          ...initialFacts(definition),
          values: values[name] ?? {},
          ports: Object.fromEntries(ports),
        },
      ] as const
    })
    return {
      id,
      root,
      client,
      uid,
      gid,
      baseDirectory: this.#baseDirectory,
      services: Object.fromEntries(services),
    }
  }

  async #writeFiles(facts: SessionFacts): Promise<void> {
    await settled(
      Object.entries(this.#services).map(async ([name, service]) => {
        const context = serviceContext(facts, name)
        const [files, clientFiles] = await Promise.all([
          service.files?.(context),
          service.clientFiles?.(context),
        ])
        await Promise.all([
          writeFiles(context.hostDirectory, files ?? {}, this.#choice),
          writeFiles(context.clientDirectory, clientFiles ?? {}),
        ])
      }),
    )
  }

  /** Under root's private manager the services have a uid of their own: theirs must be what they write to. */
  async #own(): Promise<void> {
    if (process.getuid?.() === this.#choice.uid) return
    const { root, logs } = this.#keeper.layout
    await execa('chown', [
      '-R',
      '--no-dereference',
      `${this.#choice.uid}:${this.#choice.gid}`,
      root,
      logs,
    ])
  }
}

/** Like Promise.all, but rejects only when nothing of it is still at work: the caller removes the directory then. */
async function settled<T extends readonly unknown[] | []>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const results = await Promise.allSettled<unknown>(work)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as {
    -readonly [K in keyof T]: Awaited<T[K]>
  }
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

/** A full disk shows as anything at all: said once here for every step. */
async function explain(error: unknown, keeper: Keeper): Promise<unknown> {
  if (isClusterError(error) && error.code !== 'SERVICE_FAILED' && error.code !== 'EXEC_FAILED')
    return error
  const log = isClusterError(error) ? (error.details.log ?? []).join('\n') : ''
  if (
    errnoOf(error) === 'ENOSPC' ||
    /No space left on device|ENOSPC/.test(`${messageOf(error)}\n${log}`)
  ) {
    const full = await directoryError(
      join(keeper.layout.directory, '..'),
      'No space left on device',
      error,
    )
    return isClusterError(error)
      ? new ClusterError(
          { ...full.details, service: error.details.service, log: error.details.log },
          { cause: error },
        )
      : full
  }
  return error
}
