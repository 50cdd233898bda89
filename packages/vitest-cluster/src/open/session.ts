import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import type { ServiceDefinition } from '../definition/service.ts'
import { ClusterError, type ClusterErrorDetails, isClusterError } from '../errors.ts'
import { own } from '../own.ts'
import { sliceName } from '../plan/names.ts'
import { STOP_TIMEOUT } from '../plan/sandbox.ts'
import type { UnitPlan } from '../plan/unit.ts'
import type { ReservedPort } from '../ports/reserve.ts'
import type { Manager } from '../systemd/manager.ts'
import type { TreeProgress } from '../tree/progress.ts'
import { type Purpose, processId, readAbout, writeAbout } from '../session/record.ts'
import { type Handle, SessionClient } from '../client/client.ts'
import { ended, FORKED, hasSucceeded } from '../apply/failure.ts'
import { assertSession, markDown, markUp } from '../session/health.ts'
import { startHolder } from '../lifetime/holder.ts'
import type { SessionInfo } from './info.ts'
import { type Keeper, managerLog } from '../lifetime/keeper.ts'
import { leaseEnded } from '../lifetime/lease.ts'
import { tail } from '../logs/service-log.ts'
import { MemoryWatch } from '../observe/memory.ts'
import type { Phase, Phases } from '../observe/phases.ts'
import { recordSession, type SessionRecord } from '../observe/report-data.ts'
import { type StartTimes, startTimes } from '../observe/start-times.ts'

/** Milliseconds in which a manager has to answer before `close()` asks it for more; it takes one. */
const PATIENCE = 1_000

export interface OpenOptions {
  /** What relative paths in the services' options start from; the working directory by default. */
  readonly baseDirectory?: string
  /** The file of the definition, for those who list sessions. */
  readonly config?: string
  /** What the session is for, for those who list sessions; `program` by default. */
  readonly purpose?: Purpose
  /** A directory in which the logs are kept when the cluster does not start. None by default. */
  readonly keepLogs?: string
  /** Called when a service is ready; again where the cluster was started again. */
  readonly onReady?: (service: string) => void
  /** Told of what is made of the cluster's tree, where that takes more than a look. */
  readonly onTree?: TreeProgress
}

interface SessionParts {
  readonly definition: ClusterDefinition
  readonly info: SessionInfo
  readonly manager: Manager
  readonly outer: Manager | undefined
  readonly keeper: Keeper
  readonly plans: readonly UnitPlan[]
  readonly ports: readonly ReservedPort[]
  readonly phases: Phases
}

/** A cluster that is up, in the process that opened it. Ends with `close()`, or with the process. */
export class Session<S extends Services = Services> {
  /** What other processes need to use it: see {@link SessionClient}. */
  readonly info: SessionInfo
  readonly #parts: SessionParts
  readonly #client: SessionClient
  #closed: Promise<void> | undefined
  #changes = Promise.resolve()
  readonly #memory: MemoryWatch

  constructor(parts: SessionParts) {
    this.info = parts.info
    this.#parts = parts
    this.#client = new SessionClient(parts.info, { manager: parts.manager })
    this.#memory = new MemoryWatch(parts.info.cgroup)
  }

  get id(): string {
    return this.info.facts.id
  }

  /** A service's handle. @throws ClusterError as {@link SessionClient.handle} */
  handle<Name extends keyof S & string>(name: Name): Promise<Handle<S[Name]>> {
    const definition = own(this.#parts.definition.services, name) ?? {}
    return this.#client.handle(name, definition) as Promise<Handle<S[Name]>>
  }

  /** How it opened: the library's own phases, and systemd's times of each service that is up. */
  async opening(): Promise<{
    readonly begun: number
    readonly phases: readonly Phase[]
    readonly services: readonly StartTimes[]
  }> {
    const { phases, manager } = this.#parts
    assertSession(this.info.status)
    const { begun, done } = phases
    return { begun, phases: done, services: await startTimes(manager, this.info) }
  }

  /** All that is known of it now, for the report page. */
  async record(): Promise<SessionRecord> {
    assertSession(this.info.status)
    const about = await readAbout(this.info.directory)
    if (!about) throw new Error(`${this.info.directory} has gone`)
    return recordSession(this.#parts.manager, about)
  }

  /**
   * Watches for services, a manager or a bus that end before `close()`. Called by `openSession`. From then on nothing of
   * the session keeps the process alive but work that somebody waits for; when the process ends, the session does.
   */
  async watch(): Promise<void> {
    const { manager, outer, keeper, plans } = this.#parts
    const byPath = new Map<string, UnitPlan>()
    await manager.onUnitChanged((path, changed) => {
      const plan = byPath.get(path)
      const state = changed.get('ActiveState')
      // one after the other: what is noted last has to be what happened last
      if (plan && typeof state === 'string')
        this.#changes = this.#changes.then(() => this.#unitChanged(plan, state)).catch(() => {})
    })
    await Promise.all(
      plans.map(async (plan) => {
        const path = await manager.unitPath(plan.unit)
        if (path) byPath.set(path, plan)
        const state = await manager.state(plan.unit)
        if (state?.activeState !== 'active')
          await this.#unitChanged(plan, state?.activeState ?? 'inactive')
      }),
    )
    void manager.bus.ended.then(({ code, details }) => {
      if (code === 'BUS_TIMEOUT') return this.#lost(details)
      const what =
        code === 'MANAGER_LOST'
          ? details.message
          : "the connection to the session's systemd manager was lost"
      const mend = 'Look for what killed it (dmesg tells of the OOM killer), then run again.'
      return this.#lost({ code, message: `${what} while the session was up`, mend })
    })
    manager.bus.unref()
    outer?.bus.unref()
    keeper.unref()
  }

  /**
   * Stops the services, ends the manager, and resolves when nothing of the session is left.
   * @throws ClusterError `STOP_TIMEOUT` when a service ignored its stop signal; everything is gone then too
   */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  /**
   * Leaves the session up and lets go of it: a process in the background holds it from now on, until somebody ends
   * it (`vitest-cluster down`) or its time is over. Nobody watches its services then.
   * @param seconds after which it ends by itself; never by default
   */
  async detach(seconds?: number): Promise<void> {
    if (this.#closed) return this.#closed
    const { keeper, outer, ports } = this.#parts
    const held = [...keeper.held, ...ports.map((port) => port.descriptor)]
    const pid = await startHolder(held, seconds)
    this.#closed = Promise.resolve()
    const about = await readAbout(this.info.directory)
    const until = seconds === undefined ? undefined : Date.now() + seconds * 1000
    if (about) {
      const purpose = about.purpose === 'test' || about.purpose === 'run' ? 'kept' : about.purpose
      await writeAbout({ ...about, purpose, owner: processId(pid), detached: true, until })
    }
    await keeper.handOver()
    for (const port of ports) port.release()
    await this.#client.disconnect()
    outer?.disconnect()
  }

  async #close(): Promise<void> {
    const { outer, keeper, ports } = this.#parts
    const deaf = await this.#stopGracefully()
    // One that hangs is asked for nothing more: the keeper kills what it would have stopped
    const asked = (await outer?.answers(PATIENCE)) ? outer : undefined
    if (asked) await ignoreLost(asked.stop(sliceName(this.id)))
    await keeper.release()
    if (asked) await ignoreLost(leaseEnded(asked, this.id))
    await this.#client.disconnect()
    outer?.disconnect()
    for (const port of ports) port.release()
    if (deaf) throw deaf
  }

  /** Only services that ask for a signal of their own are stopped one by one; the rest is killed at once. */
  async #stopGracefully(): Promise<ClusterError | undefined> {
    const { manager, plans, definition } = this.#parts
    const optionsOf = ({
      service,
    }: UnitPlan): Pick<ServiceDefinition, 'stopSignal' | 'stopTimeout'> =>
      definition.services[service] ?? {}
    const polite = plans.filter((plan) => (optionsOf(plan).stopSignal ?? 'SIGKILL') !== 'SIGKILL')
    if (polite.length === 0 || !(await manager.answers(PATIENCE))) return undefined
    const errors = await Promise.all(
      polite.map(async (plan) => {
        const { stopSignal, stopTimeout = STOP_TIMEOUT } = optionsOf(plan)
        await ignoreLost(manager.stop(plan.unit))
        const state = await manager.state(plan.unit).catch(() => undefined)
        if (state?.result !== 'timeout') return undefined
        return new ClusterError({
          code: 'STOP_TIMEOUT',
          service: plan.service,
          unit: plan.unit,
          message: `did not end within ${stopTimeout / 1000} s of ${stopSignal} and was killed`,
          mend: "Give it a longer stopTimeout (milliseconds), or stopSignal: 'SIGKILL' if it has nothing to save.",
          log: await tail(plan.log),
        })
      }),
    )
    return errors.find((error) => error !== undefined)
  }

  async #unitChanged(plan: UnitPlan, state: string): Promise<void> {
    if (this.#closed) return
    const { manager } = this.#parts
    const { status } = this.info
    if (state === 'active') return markUp(status, plan.service)
    if (state !== 'failed' && state !== 'inactive') return
    const unit = await manager.state(plan.unit).catch(() => undefined)
    if (this.#closed || unit?.activeState === 'active' || unit?.activeState === 'activating') return
    const how = unit ? ended(unit) : state
    const details = this.#memory.explain(unit, {
      code: 'SERVICE_FAILED',
      service: plan.service,
      unit: plan.unit,
      message: `is down: ${how}`,
      mend: `It ended while the session was up. Its last lines may say why; restart() starts it again.${unit && hasSucceeded(unit) ? ` ${FORKED}` : ''}`,
    })
    const log = await tail(plan.log)
    await markDown(status, { ...details, log }, plan.service).catch(() => {})
  }

  async #lost(details: ClusterErrorDetails): Promise<void> {
    if (this.#closed) return
    const log = await managerLog(this.#parts.keeper.layout)
    await markDown(this.info.status, { ...details, log }).catch(() => {})
  }
}

/** What cannot be told to a manager that is gone is done by the keeper anyway. */
async function ignoreLost(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!isClusterError(error)) throw error
  }
}
