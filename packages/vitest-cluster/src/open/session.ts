import { apply } from '../apply/apply.ts'
import { ignoreLost, PATIENCE } from '../apply/stop.ts'
import { type Handle, type HostWithServices, SessionClient } from '../client/client.ts'
import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import type { ClusterErrorDetails } from '../errors.ts'
import { startHolder } from '../lifetime/holder.ts'
import { type Keeper, managerLog } from '../lifetime/keeper.ts'
import { leaseEnded } from '../lifetime/lease.ts'
import { tail } from '../logs/service-log.ts'
import { MemoryWatch } from '../observe/memory.ts'
import { reportSession, type SessionReport } from '../observe/report-data.ts'
import { RestartWatch } from '../observe/restarts.ts'
import { type StartTimes, startTimes } from '../observe/start-times.ts'
import { type UnexpectedEnd, unexpectedEnds } from '../observe/unexpected-ends.ts'
import { own } from '../own.ts'
import { sliceName } from '../plan/names.ts'
import { restartsItself } from '../plan/restart-policy.ts'
import type { ServicePlan, SessionPlan } from '../plan/session-plan.ts'
import type { Lock } from '../ports/lock.ts'
import { awaitingRestart, died } from '../session/ending.ts'
import { assertSession, markDown, markRestarting, markUp, whyDown } from '../session/health.ts'
import type { Phase, Phases } from '../session/phases.ts'
import {
  type Purpose,
  processId,
  readRecord,
  type SessionWarning,
  writeRecord,
} from '../session/record.ts'
import type { Manager } from '../systemd/manager.ts'
import { awaitsRestart, isDown } from '../systemd/unit-state.ts'
import type { Microseconds } from '../timers.ts'
import type { TreeProgress } from '../tree/progress.ts'
import type { OpenOptions, Session } from './public-session.ts'

/** Further options, for the plugin and the command line. */
export interface OpenDetails extends Omit<OpenOptions, 'ports'> {
  /** The file of the definition, shown in lists of sessions. */
  readonly config?: string
  /** The purpose of the session, shown in lists of sessions; `program` by default. */
  readonly purpose?: Purpose
  /** Called with each event of a build of the cluster's trees; not called for a cached tree. */
  readonly onTree?: TreeProgress
}

interface SessionParts {
  readonly definition: ClusterDefinition
  readonly plan: SessionPlan
  readonly manager: Manager
  readonly outer: Manager | undefined
  readonly keeper: Keeper
  /** Of its ports and addresses. */
  readonly locks: readonly Lock[]
  readonly phases: Phases
  readonly warnings: readonly SessionWarning[]
}

/** The {@link Session} of `openSession`, with what the plugin, the command line and the report need of it. */
export class OpenedSession<S extends Services = Services, Host extends string = string>
  implements Session<S, Host>
{
  /** The whole session as data: other processes need nothing else to use it, see {@link SessionClient}. */
  readonly plan: SessionPlan
  /** Limits of its services that this machine ignores; `[]` if it enforces all. */
  readonly warnings: readonly SessionWarning[]
  readonly #parts: SessionParts
  readonly #client: SessionClient
  #closed: Promise<void> | undefined
  #changes = Promise.resolve()
  readonly #memory: MemoryWatch
  readonly #restarts = new RestartWatch()

  constructor(parts: SessionParts) {
    this.plan = parts.plan
    this.warnings = parts.warnings
    this.#parts = parts
    this.#client = new SessionClient(parts.plan, { manager: parts.manager })
    this.#memory = new MemoryWatch(parts.plan.manager.cgroup)
  }

  get id(): string {
    return this.plan.id
  }

  handle<Name extends keyof S & string>(name: Name): Promise<Handle<S[Name]>> {
    const definition = own(this.#parts.definition.services, name) ?? {}
    return this.#client.handle(name, definition) as Promise<Handle<S[Name]>>
  }

  host<Name extends Host>(name: Name): Promise<HostWithServices<S, Name>> {
    const { services } = this.#parts.definition
    return this.#client.host(name, services) as Promise<HostWithServices<S, Name>>
  }

  /** How the session opened: the library's phases, and systemd's times of each service that is up. */
  async opening(): Promise<{
    readonly begun: number
    readonly phases: readonly Phase[]
    readonly services: readonly StartTimes[]
  }> {
    const { phases, manager } = this.#parts
    assertSession(this.plan.paths.status)
    const { begun, done } = phases
    return { begun, phases: done, services: await startTimes(manager, this.plan) }
  }

  /** The present state of the session, for the report page. */
  async record(): Promise<SessionReport> {
    assertSession(this.plan.paths.status)
    const record = await readRecord(this.plan.paths.directory)
    if (!record) throw new Error(`${this.plan.paths.directory} no longer exists`)
    return reportSession(this.#parts.manager, record)
  }

  /** What has ended unexpectedly, and what systemd has restarted since the last call. */
  async unexpectedEnds(): Promise<UnexpectedEnd[]> {
    await this.#changes
    const ends = await unexpectedEnds(this.#parts.manager, this.plan)
    await this.#changes
    const down = ends.map(({ service }) => service)
    const restarted = await this.#restarts.take(this.plan)
    return [...ends, ...restarted.filter(({ service }) => !down.includes(service))]
  }

  /**
   * Watches for services, a manager or a bus that end before `close()`. Called by `openSession`. From then on only pending
   * calls keep the process alive, not the session; when the process ends, the session does.
   */
  async watch(): Promise<void> {
    const { manager, outer, keeper } = this.#parts
    const byPath = new Map<string, ServicePlan>()
    await manager.onUnitChanged((path, changed) => {
      const service = byPath.get(path)
      const state = changed.get('ActiveState')
      // One after the other: the last note has to be that of the last event
      const since = Number(changed.get('ActiveEnterTimestampMonotonic') ?? 0)
      if (service && typeof state === 'string')
        this.#changes = this.#changes
          .then(() => this.#unitChanged(service, state, since))
          .catch(() => {})
    })
    await Promise.all(
      Object.values(this.plan.services).map(async (service) => {
        const path = await manager.unitPath(service.unit.name)
        if (path) byPath.set(path, service)
        const state = await manager.state(service.unit.name)
        if (state?.activeState !== 'active')
          await this.#unitChanged(service, state?.activeState ?? 'inactive')
      }),
    )
    void manager.bus.ended.then(({ code, details }) => {
      if (code === 'BUS_TIMEOUT') return this.#lost(details)
      const what =
        code === 'MANAGER_LOST'
          ? details.message
          : "the connection to the session's systemd manager was lost"
      const fix = 'Find out what killed it (dmesg shows the OOM killer), then run again.'
      return this.#lost({ code, message: `${what} while the session was up`, fix })
    })
    manager.bus.unref()
    outer?.bus.unref()
    keeper.unref()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async detach(seconds?: number): Promise<void> {
    if (this.#closed) return this.#closed
    const { keeper, outer, locks } = this.#parts
    const held = [...keeper.held, ...locks.map(({ descriptor }) => descriptor)]
    const holder = await startHolder(held, seconds)
    this.#closed = Promise.resolve()
    const record = await readRecord(this.plan.paths.directory)
    const until = seconds === undefined ? undefined : Date.now() + seconds * 1000
    if (record) {
      const purpose =
        record.purpose === 'test' || record.purpose === 'run' ? 'kept' : record.purpose
      await writeRecord({ ...record, purpose, owner: processId(holder.pid), detached: true, until })
    }
    // Not before the record has its process number, by which `down` ends it
    await holder.hold()
    await keeper.handOver()
    for (const lock of locks) lock.release()
    await this.#client.disconnect()
    outer?.disconnect()
  }

  async #close(): Promise<void> {
    const { outer, keeper, locks, manager } = this.#parts
    const close = async () => {
      // A manager that hangs is not called: the keeper kills the services instead
      const asked = (await outer?.answers(PATIENCE)) ? outer : undefined
      if (asked) await ignoreLost(asked.stop(sliceName(this.id)))
      await keeper.release()
      if (asked) await ignoreLost(leaseEnded(asked, this.id))
      await this.#client.disconnect()
      outer?.disconnect()
      for (const lock of locks) lock.release()
    }
    await apply(this.plan, undefined, { manager, close })
  }

  async #unitChanged(service: ServicePlan, state: string, since?: Microseconds): Promise<void> {
    const { name } = service
    if (this.#closed) return
    const { manager } = this.#parts
    const { status } = this.plan.paths
    const look = () => manager.state(service.unit.name).catch(() => undefined)
    const restarted = restartsItself(service.unit) ? await look() : undefined
    if (restarted) this.#restarts.changed(this.plan, name, restarted)
    if (state === 'active') return markUp(status, name, since)
    // The signal of an end may be combined with that of the restart
    if (state !== 'failed' && state !== 'inactive' && !restarted) return
    const now = restarted ?? (await look())
    if (this.#closed || (now && !isDown(now) && !awaitsRestart(now))) return
    // A stop is noted before it happens, and by the process that stops the service
    if (whyDown(status, name)?.code === 'SERVICE_STOPPED') return
    const log = await tail(service.log)
    const down = died(status, service, now, log)
    const details = { ...(down.asked ? down : this.#memory.explain(now, down)), log }
    if (!now || !awaitsRestart(now)) return markDown(status, details, name).catch(() => {})
    if (this.#restarts.ended(name, now, details))
      await markRestarting(status, awaitingRestart(service, details), name).catch(() => {})
  }

  async #lost(details: ClusterErrorDetails): Promise<void> {
    if (this.#closed) return
    const log = await managerLog(this.#parts.keeper.paths)
    await markDown(this.plan.paths.status, { ...details, log }).catch(() => {})
  }
}
