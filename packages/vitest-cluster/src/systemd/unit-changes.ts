import { monotonic } from '../timers.ts'
import type { Bus } from './bus.ts'
import { NAME } from './unit-state.ts'

/** Called with the object path of a unit, and its changed properties by their names. */
export type UnitListener = (unitPath: string, changed: Map<string, unknown>) => void

/** The changes of a manager's units, by its signals. */
export class UnitChanges {
  readonly #bus: Bus
  readonly #listeners = new Set<UnitListener>()
  #hears = false

  constructor(bus: Bus) {
    this.#bus = bus
  }

  /** Resolves when the listener is registered for every change. */
  async listen(listener: UnitListener): Promise<void> {
    this.#listeners.add(listener)
    if (this.#hears) return
    this.#hears = true
    await this.#bus.listen(
      `type='signal',sender='${NAME}',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',arg0='${NAME}.Unit'`,
      ({ member, path, body }) => {
        if (member !== 'PropertiesChanged') return
        const changed = Object.entries((body[1] ?? {}) as Record<string, { value: unknown }>)
        const values = new Map(changed.map(([key, variant]) => [key, variant.value]))
        for (const each of this.#listeners) each(path, values)
      },
    )
  }

  /** Calls `work` with a function that awaits the next change of a unit. */
  async watch(
    unitPath: string | undefined,
    work: (change: () => Promise<void>) => Promise<void>,
  ): Promise<void> {
    let next = Promise.withResolvers<void>()
    const listener: UnitListener = (path) => {
      if (path !== unitPath) return
      next.resolve()
      next = Promise.withResolvers<void>()
    }
    await this.listen(listener)
    try {
      await work(() => next.promise)
    } finally {
      this.#listeners.delete(listener)
    }
  }

  /** Calls `work` with a promise that resolves when a unit ends from now on. */
  async watchEnd(
    unitPath: string | undefined,
    work: (ended: Promise<void>) => Promise<void>,
  ): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const begun = monotonic()
    const listener: UnitListener = (path, changed) => {
      // Not ActiveState: one signal may combine several changes, and its state is then that of the next start
      const ended = Number(changed.get('InactiveEnterTimestampMonotonic') ?? 0)
      if (path === unitPath && ended > begun) resolve()
    }
    await this.listen(listener)
    try {
      await work(promise)
    } finally {
      this.#listeners.delete(listener)
    }
  }
}
