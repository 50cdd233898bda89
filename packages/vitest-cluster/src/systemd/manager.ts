import { ClusterError } from '../errors.ts'
import { wait } from '../timers.ts'
import { Bus } from './bus.ts'
import { type JobResult, Jobs } from './jobs.ts'
import type { Property } from './properties.ts'
import { References } from './references.ts'
import { toProperties, type UnitSettings } from './settings.ts'
import { UnitChanges, type UnitListener } from './unit-changes.ts'
import { isDbusError, NAME, PATH, UnitReader } from './unit-state.ts'

export interface TransientOptions {
  /** Keeps the unit loaded after its end, until {@link Manager.unref}: `AddRef` in org.freedesktop.systemd1(5). */
  readonly reference?: boolean
}

/** Milliseconds between two pings while a signal of the manager is awaited: a manager that hangs sends no signal. */
const PULSE = 1_000

/**
 * A service manager, called over its bus: typed calls, and jobs matched by their object paths. Pending calls are rejected
 * when the manager leaves the bus, when the bus ends, when the manager does not answer in time, and when
 * {@link Manager.lost} is called.
 */
export class Manager extends UnitReader {
  readonly #jobs = new Jobs()
  readonly #changes = new UnitChanges(this.bus)
  readonly #references = new References()

  /**
   * Connects to a manager.
   * @param starting for a manager that is being started: a promise that rejects when the start fails or takes too long.
   * Without it the manager has to be on the bus already
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

  /** Starts a transient service or slice; resolves with the result of its start job. */
  async startTransient(
    unit: string,
    settings: UnitSettings,
    { reference = false }: TransientOptions = {},
  ): Promise<JobResult> {
    const addRef: Property = ['AddRef', { signature: 'b', value: true }]
    const properties = [...toProperties(settings), ...(reference ? [addRef] : [])]
    if (reference) this.#references.add(unit)
    try {
      const body = [unit, 'fail', properties, []]
      return await this.#job('StartTransientUnit', 'ssa(sv)a(sa(sv))', body)
    } catch (error) {
      if (reference) this.#references.remove(unit)
      throw error
    }
  }

  /** Stops a unit and, unless it is `alone`, the units that require it. A unit that is not loaded counts as stopped. */
  async stop(unit: string, { alone = false } = {}): Promise<JobResult> {
    try {
      const mode = alone ? 'ignore-requirements' : 'replace'
      return await this.#job('StopUnit', 'ss', [unit, mode])
    } catch (error) {
      if (isDbusError(error, 'NoSuchUnit')) return 'done'
      throw error
    }
  }

  /** Starts a loaded unit, and what it requires. */
  start(unit: string): Promise<JobResult> {
    return this.#job('StartUnit', 'ss', [unit, 'replace'])
  }

  /** Runs `ExecReload=` of a unit that is up; resolves with the result of the job. */
  reload(unit: string): Promise<JobResult> {
    return this.#job('ReloadUnit', 'ss', [unit, 'replace'])
  }

  /** Restarts one unit and none of those that require it: their data and ports stay as they are. */
  restart(unit: string): Promise<JobResult> {
    return this.#job('RestartUnit', 'ss', [unit, 'ignore-requirements'])
  }

  /** Sends a signal to processes of a loaded unit: `main`, or `all`. KillUnit in org.freedesktop.systemd1(5). */
  async kill(unit: string, whom: 'main' | 'all', signal: number): Promise<void> {
    await this.call('KillUnit', 'ssi', [unit, whom, signal])
  }

  /** Resolves when a loaded unit has ended. @param work ends the unit; called once the unit is watched */
  async untilDown(unit: string, work: () => Promise<void>): Promise<void> {
    await this.#changes.watchEnd(await this.unitPath(unit), async (ended) => {
      await work()
      await this.#awaitSignal(ended)
    })
  }

  /** Resolves when a unit has ended that is loaded, which a reference ensures. */
  async untilEnded(unit: string): Promise<void> {
    await this.#changes.watchEnd(await this.unitPath(unit), async (ended) => {
      const now = await this.properties(unit, 'Unit', ['ActiveState'])
      if (!now || ['inactive', 'failed'].includes(String(now['ActiveState']))) return
      await this.#awaitSignal(ended)
    })
  }

  /** Resolves when a unit is up or down, after all starts that its `Restart=` schedules. @returns whether it is up */
  async untilSettled(unit: string): Promise<boolean> {
    let up = false
    await this.#changes.watch(await this.unitPath(unit), async (change) => {
      for (;;) {
        const changed = change()
        const state = String(
          (await this.properties(unit, 'Unit', ['ActiveState']))?.['ActiveState'],
        )
        up = state === 'active'
        if (!['activating', 'deactivating', 'reloading'].includes(state)) return
        await this.#awaitSignal(changed)
      }
    })
    return up
  }

  /** Resets the failed state of a unit, so that systemd unloads it. Does nothing for a unit that is not loaded. */
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
    if (!this.#references.has(unit)) {
      try {
        await this.call('RefUnit', 's', [unit])
      } catch (error) {
        if (isDbusError(error, 'NoSuchUnit')) return false
        throw error
      }
    }
    this.#references.add(unit)
    return true
  }

  /** Releases a reference of {@link TransientOptions.reference} or {@link Manager.ref}: a unit that has ended is unloaded. */
  async unref(unit: string): Promise<void> {
    if (!this.#references.remove(unit)) return
    await this.call('UnrefUnit', 's', [unit]).catch((error: unknown) => {
      if (!isDbusError(error, 'NoSuchUnit') && !isDbusError(error, 'NotReferenced')) throw error
    })
  }

  /**
   * Unloads a unit that has ended, so that another one can have its name. Resolves when the name is free.
   * @returns false if the unit stays loaded: another connection has a reference to it, or a loaded unit names it
   */
  async forget(unit: string): Promise<boolean> {
    await Promise.all([this.unref(unit), this.resetFailed(unit)])
    // systemd unloads units between two events, and each call is an event: one or two are enough
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

  /** The manager's own control group, relative to the root that the manager sees. */
  async ownGroup(): Promise<string> {
    return String(await this.property(PATH, `${NAME}.Manager`, 'ControlGroup'))
  }

  /** The names of the variables that the manager passes to every service. */
  async environment(): Promise<string[]> {
    const block = (await this.property(PATH, `${NAME}.Manager`, 'Environment')) as string[]
    return block.map((line) => line.slice(0, line.indexOf('=')))
  }

  /** Calls the listener with every changed property of every unit. Used to notice services that end. */
  onUnitChanged(listener: UnitListener): Promise<void> {
    return this.#changes.listen(listener)
  }

  disconnect(): void {
    this.bus.disconnect()
  }

  /** Rejects pending and later calls, because the manager has ended. */
  lost(how: string): void {
    this.bus.end(
      new ClusterError({
        code: 'MANAGER_LOST',
        message: `the session's systemd manager ended (${how})`,
        fix: 'Find out what killed it (dmesg shows the OOM killer), then run again.',
      }),
    )
  }

  /** Whether the manager answers within `deadline` milliseconds. */
  async answers(deadline: number): Promise<boolean> {
    return this.#ping(deadline).then(
      () => true,
      () => false,
    )
  }

  /**
   * Reads a property of the manager. Not org.freedesktop.DBus.Peer.Ping: for a manager in a tree systemd-stdio-bridge
   * would answer that itself (process_builtin() in sd-bus.c).
   */
  async #ping(deadline?: number): Promise<void> {
    await this.property(PATH, `${NAME}.Manager`, 'Version', deadline)
  }

  /** Waits until the manager is on its bus, and watches whether it leaves the bus. */
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

  /** Awaits a signal of the manager. Rejects when the manager stops answering. */
  async #awaitSignal<T>(signal: Promise<T>): Promise<T> {
    const over = new AbortController()
    try {
      return await this.bus.untilEnd(Promise.race([signal, this.#silence(over.signal)]))
    } finally {
      over.abort()
    }
  }

  /** Rejects when the manager stops answering. */
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
