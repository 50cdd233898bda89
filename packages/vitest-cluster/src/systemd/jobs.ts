import type { Signal } from './bus.ts'

/** How a job ended, see "JobRemoved" in org.freedesktop.systemd1(5). */
export type JobResult = 'done' | 'canceled' | 'timeout' | 'failed' | 'dependency' | 'skipped'

/** How many results are kept: jobs of other callers of the same manager are asked for by nobody. */
const KEPT = 1000

/** The jobs of a manager, matched by their object paths with the signals that tell of their ends. */
export class Jobs {
  /** systemd gives two calls the same job where one does for both: two may wait for it. */
  readonly #waiting = new Map<string, PromiseWithResolvers<JobResult>>()
  // A job may be removed in the same read that brings the reply which names it
  readonly #removed = new Map<string, JobResult>()

  /** How a job ended, or a promise of that. */
  result(path: string): JobResult | Promise<JobResult> {
    const early = this.#removed.get(path)
    if (early) return early
    const waiting = this.#waiting.get(path) ?? Promise.withResolvers<JobResult>()
    this.#waiting.set(path, waiting)
    return waiting.promise
  }

  /** Takes notice of a signal of the manager. */
  see({ member, body }: Signal): void {
    if (member !== 'JobRemoved') return
    const [, path, , result] = body as [number, string, string, JobResult]
    this.#waiting.get(path)?.resolve(result)
    this.#waiting.delete(path)
    this.#removed.set(path, result)
    if (this.#removed.size > KEPT) this.#removed.delete(this.#removed.keys().next().value as string)
  }
}
