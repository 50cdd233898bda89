import { type Microseconds, monotonic } from '../timers.ts'

/** A step of the library's own work while a session opens. Steps run beside each other. */
export interface Phase {
  readonly name: string
  readonly begin: Microseconds
  readonly end: Microseconds
}

/** The steps of one `open`, by this process's reading of CLOCK_MONOTONIC, which is what systemd's timestamps count. */
export class Phases {
  readonly begun = monotonic()
  readonly #done: Phase[] = []

  /** Notes how long the work takes, and passes its outcome on. */
  async time<T>(name: string, work: Promise<T>): Promise<T> {
    const begin = monotonic()
    try {
      return await work
    } finally {
      this.#done.push({ name, begin, end: monotonic() })
    }
  }

  /** What is done, by its begin. */
  get done(): readonly Phase[] {
    return this.#done.toSorted((a, b) => a.begin - b.begin)
  }
}
