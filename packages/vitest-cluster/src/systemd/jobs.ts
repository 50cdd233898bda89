import type { Signal } from './bus.ts'

/** How a job ended, see "JobRemoved" in org.freedesktop.systemd1(5). */
export type JobResult = 'done' | 'canceled' | 'timeout' | 'failed' | 'dependency' | 'skipped'

/** How many results are kept that nobody has asked for yet: jobs of other callers of the same manager are never. */
const KEPT = 1000

/** The jobs of a manager, matched by their object paths with the signals that tell of their ends. */
export class Jobs {
  readonly #waiting = new Map<string, (result: JobResult) => void>()
  // A job may be removed in the same read that brings the reply which names it
  readonly #removed = new Map<string, JobResult>()

  /** How a job ended, or a promise of that. */
  result(path: string): JobResult | Promise<JobResult> {
    const early = this.#removed.get(path)
    this.#removed.delete(path)
    return early ?? new Promise((resolve) => this.#waiting.set(path, resolve))
  }

  /** Takes notice of a signal of the manager. */
  see({ member, body }: Signal): void {
    if (member !== 'JobRemoved') return
    const [, path, , result] = body as [number, string, string, JobResult]
    const resolve = this.#waiting.get(path)
    this.#waiting.delete(path)
    if (resolve) {
      resolve(result)
      return
    }
    this.#removed.set(path, result)
    if (this.#removed.size > KEPT) this.#removed.delete(this.#removed.keys().next().value as string)
  }
}
