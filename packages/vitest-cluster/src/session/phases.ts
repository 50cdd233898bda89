import { type Microseconds, monotonic } from '../timers.ts'

/** A phase of the library's own work while a session opens. Phases may overlap. */
export interface Phase {
  readonly name: string
  readonly begin: Microseconds
  readonly end: Microseconds
}

/** The phases of one session, in the time of CLOCK_MONOTONIC, as systemd's timestamps. */
export class Phases {
  readonly begun = monotonic()
  readonly #done: Phase[] = []

  /** Records how long the work takes, and returns its result. */
  async time<T>(name: string, work: Promise<T>): Promise<T> {
    const begin = monotonic()
    try {
      return await work
    } finally {
      this.#done.push({ name, begin, end: monotonic() })
    }
  }

  /** The completed phases, by their begin. */
  get done(): readonly Phase[] {
    return this.#done.toSorted((a, b) => a.begin - b.begin)
  }
}
