import type { Signal } from './bus.ts'

/** How a job ended, see "JobRemoved" in org.freedesktop.systemd1(5). */
export type JobResult = 'done' | 'canceled' | 'timeout' | 'failed' | 'dependency' | 'skipped'

/** How many results are kept. Results of other callers' jobs are never read, and are dropped when there are more. */
const KEPT = 1000

/** The jobs of a manager, matched with the signals of their ends by their object paths. */
export class Jobs {
  /** systemd may return the same job for two calls, so that two callers wait for it. */
  readonly #waiting = new Map<string, PromiseWithResolvers<JobResult>>()
  // The signal of a job's end may arrive in the same read as the reply that names the job
  readonly #removed = new Map<string, JobResult>()

  /** The result of a job, or a promise of it. */
  result(path: string): JobResult | Promise<JobResult> {
    const early = this.#removed.get(path)
    if (early) return early
    const waiting = this.#waiting.get(path) ?? Promise.withResolvers<JobResult>()
    this.#waiting.set(path, waiting)
    return waiting.promise
  }

  /** Handles a signal of the manager. */
  see({ member, body }: Signal): void {
    if (member !== 'JobRemoved') return
    const [, path, , result] = body as [number, string, string, JobResult]
    this.#waiting.get(path)?.resolve(result)
    this.#waiting.delete(path)
    this.#removed.set(path, result)
    if (this.#removed.size > KEPT) this.#removed.delete(this.#removed.keys().next().value as string)
  }
}
