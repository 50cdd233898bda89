import { ClusterError } from '../errors.ts'
import { wait } from '../timers.ts'
import { Bus } from './bus.ts'
import { type JobResult, Jobs } from './jobs.ts'
import type { Property } from './properties.ts'
import { toProperties, type UnitSettings } from './settings.ts'
import { UnitChanges, type UnitListener } from './unit-changes.ts'
import { isDbusError, NAME, PATH, UnitReader } from './unit-state.ts'

export interface TransientOptions {
  /** Keeps the unit loaded after its end, until {@link Manager.unref}: `AddRef` in org.freedesktop.systemd1(5). */
  readonly reference?: boolean
}

/** Milliseconds between two questions to a manager of whom only a signal is awaited: one that hangs sends none. */
const PULSE = 1_000

/**
 * A service manager, spoken to over its bus: typed calls, jobs matched by their object path. Whatever is waited for
 * ends with the manager: when it leaves the bus, when the bus ends, when it does not answer in time, and when whoever
 * started it says that it has ended ({@link Manager.lost}).
 */
export class Manager extends UnitReader {
  readonly #jobs = new Jobs()
  readonly #changes = new UnitChanges(this.bus)

  /**
   * Connects to a manager.
   * @param starting rejects when a manager that is about to come does not, at a deadline too: it is waited for.
   * Without it the manager has to be on the bus
   * @throws ClusterError `BUS_LOST`, `BUS_TIMEOUT`, `MANAGER_LOST`; what `starting` rejects with
   */
  static async connect(address: string, starting?: Promise<never>): Promise<Manager> {
    const manager = new Manager(await Bus.connect(address))
    try {
      await manager.#present(starting)
      await Promise.all([
        manager.bus.listen(
          `type='signal',sender='${NAME}',interface='${NAME}.Manager',member='JobRemoved'`,
          (signal) => manager.#jobs.see(signal),
        ),
        manager.call('Subscribe'),
      ])
      return manager
    } catch (error) {
      manager.bus.disconnect()
      throw error
    }
  }

  /** Starts a transient service or slice; resolves with how its start job ended. */
  startTransient(
    unit: string,
    settings: UnitSettings,
    { reference = false }: TransientOptions = {},
  ): Promise<JobResult> {
    const addRef: Property = ['AddRef', { signature: 'b', value: true }]
    const properties = [...toProperties(settings), ...(reference ? [addRef] : [])]
    return this.#job('StartTransientUnit', 'ssa(sv)a(sa(sv))', [unit, 'fail', properties, []])
  }

  /** Stops a unit and what belongs to it. A unit that is not loaded is stopped already. */
  async stop(unit: string): Promise<JobResult> {
    try {
      return await this.#job('StopUnit', 'ss', [unit, 'replace'])
    } catch (error) {
      if (isDbusError(error, 'NoSuchUnit')) return 'done'
      throw error
    }
  }

  /** Starts a loaded unit, and what it requires. */
  start(unit: string): Promise<JobResult> {
    return this.#job('StartUnit', 'ss', [unit, 'replace'])
  }

  /** Restarts one unit and none of those that require it: their data and ports stay as they are. */
  restart(unit: string): Promise<JobResult> {
    return this.#job('RestartUnit', 'ss', [unit, 'ignore-requirements'])
  }

  /** Sends a signal to processes of a loaded unit: `main`, or `all`. KillUnit in org.freedesktop.systemd1(5). */
  async kill(unit: string, whom: 'main' | 'all', signal: number): Promise<void> {
    await this.call('KillUnit', 'ssi', [unit, whom, signal])
  }

  /** Resolves when a loaded unit has ended. @param work what ends it, begun when its end will be seen */
  async untilDown(unit: string, work: () => Promise<void>): Promise<void> {
    await this.#changes.watchEnd(await this.unitPath(unit), async (ended) => {
      await work()
      await this.#awaitSignal(ended)
    })
  }

  /** Forgets a failed unit; one that is not loaded is forgotten already. */
  async resetFailed(unit: string): Promise<void> {
    await this.call('ResetFailedUnit', 's', [unit]).catch((error: unknown) => {
      if (!isDbusError(error, 'NoSuchUnit')) throw error
    })
  }

  /**
   * Keeps a unit loaded after its end, until {@link Manager.unref}.
   * @returns whether it is loaded
   */
  async ref(unit: string): Promise<boolean> {
    try {
      await this.call('RefUnit', 's', [unit])
      return true
    } catch (error) {
      if (isDbusError(error, 'NoSuchUnit')) return false
      throw error
    }
  }

  /** Gives up a reference of {@link TransientOptions.reference} or {@link Manager.ref}: an ended unit is unloaded. */
  async unref(unit: string): Promise<void> {
    await this.call('UnrefUnit', 's', [unit]).catch((error: unknown) => {
      if (!isDbusError(error, 'NoSuchUnit') && !isDbusError(error, 'NotReferenced')) throw error
    })
  }

  /**
   * Unloads an ended unit, so that another can have its name; resolves when the name is free.
   * @returns false where it stays loaded: another connection holds a reference to it, or a unit that is loaded names it
   */
  async forget(unit: string): Promise<boolean> {
    await Promise.all([this.unref(unit), this.resetFailed(unit)])
    // systemd unloads between two events; each question is one. Bounded, though it takes one or two.
    for (let tries = 0; tries < 1000; tries++) if (!(await this.unitPath(unit))) return true
    return false
  }

  /** The manager's own process. */
  async pid(): Promise<number> {
    const [pid] = await this.bus.call({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'GetConnectionUnixProcessID',
      signature: 's',
      body: [NAME],
    })
    return Number(pid)
  }

  /** The manager's own control group, from the root of those that it sees. */
  async ownGroup(): Promise<string> {
    return String(await this.property(PATH, `${NAME}.Manager`, 'ControlGroup'))
  }

  /** The names of the variables that the manager hands to every service. */
  async environment(): Promise<string[]> {
    const block = (await this.property(PATH, `${NAME}.Manager`, 'Environment')) as string[]
    return block.map((line) => line.slice(0, line.indexOf('=')))
  }

  /** Calls back with every changed property of every unit. Used to see services that die. */
  onUnitChanged(listener: UnitListener): Promise<void> {
    return this.#changes.listen(listener)
  }

  disconnect(): void {
    this.bus.disconnect()
  }

  /** Ends all that waits for it, and refuses what comes, for it has ended. */
  lost(how: string): void {
    this.bus.end(
      new ClusterError({
        code: 'MANAGER_LOST',
        message: `the session's systemd manager ended (${how})`,
        fix: 'Find out what killed it (dmesg shows the OOM killer), then run again.',
      }),
    )
  }

  /** Whether it answers within so many milliseconds. */
  async answers(deadline: number): Promise<boolean> {
    return this.#ping(deadline).then(
      () => true,
      () => false,
    )
  }

  /**
   * Asks for something that only the manager knows. Not org.freedesktop.DBus.Peer.Ping: systemd-stdio-bridge, through
   * which a manager in a tree is reached, answers that itself (process_builtin() in sd-bus.c).
   */
  async #ping(deadline?: number): Promise<void> {
    await this.property(PATH, `${NAME}.Manager`, 'Version', deadline)
  }

  /** Sees the manager on its bus, and whether it leaves it. */
  async #present(starting?: Promise<never>): Promise<void> {
    const owned = Promise.withResolvers<void>()
    await this.bus.listen(
      `type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='${NAME}'`,
      ({ member, body }) => {
        if (member !== 'NameOwnerChanged' || body[0] !== NAME) return
        if (body[2]) owned.resolve()
        else this.lost('it left the bus')
      },
    )
    const [has] = await this.bus.call({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'NameHasOwner',
      signature: 's',
      body: [NAME],
    })
    if (has) return
    if (!starting) return this.lost('it is not on its bus')
    await this.bus.untilEnd(Promise.race([owned.promise, starting]))
  }

  /** What only a signal of the manager brings, or a rejection once it does not answer any more. */
  async #awaitSignal<T>(signal: Promise<T>): Promise<T> {
    const over = new AbortController()
    try {
      return await this.bus.untilEnd(Promise.race([signal, this.#silence(over.signal)]))
    } finally {
      over.abort()
    }
  }

  /** Rejects when the manager does not answer any more. */
  async #silence(signal: AbortSignal): Promise<never> {
    for (;;) {
      await wait(PULSE, undefined, { signal })
      await this.#ping()
    }
  }

  async #job(member: string, signature: string, body: readonly unknown[]): Promise<JobResult> {
    const [job] = await this.call(member, signature, body)
    const result = this.#jobs.result(String(job))
    return typeof result === 'string' ? result : this.#awaitSignal(result)
  }
}
