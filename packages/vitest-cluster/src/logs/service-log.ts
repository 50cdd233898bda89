import { checkOptionNames } from '../definition/options.ts'
import { refuseFor } from '../definition/refuse.ts'
import { ClusterError } from '../errors.ts'
import { printable } from '../printable.ts'
import { clearTimeout, setTimeout } from '../timers.ts'
import { followLog, logSize, readLog } from './file.ts'
import { Lines } from './lines.ts'

/** A position in a log: the log's length in bytes at the call of `mark()`. */
export type LogMark = number

const TAIL_LINES = 12
const LINE_WIDTH = 200
/** How many bytes at the end of a file are read for its last lines. */
export const TAIL_BYTES = 64 * 1024
/** The most bytes that `text()` returns. */
const TEXT_MAX = 64 * 1024 * 1024

/** What a log needs to know of its service. */
export interface LogSource {
  /** Resolves when the log has all lines of the service's log files. */
  catchUp(): Promise<void>
  /** Resolves with the cause when the service or the session has failed; not for a service that was stopped on purpose. */
  failure(signal: AbortSignal): Promise<Error>
}

/** The standard output and standard error of a service, the lines of its `logFiles`, and with `syslog` its messages. */
export class ServiceLog {
  /** The service's name in the cluster. */
  readonly service: string
  /** The file, on the host. */
  readonly path: string

  readonly #source: LogSource

  /** @internal */
  constructor(service: string, path: string, source: LogSource) {
    this.service = service
    this.path = path
    this.#source = source
  }

  /** Returns the current end of the log, for `since`. */
  async mark(): Promise<LogMark> {
    await this.#source.catchUp()
    return logSize(this.path)
  }

  /**
   * The log, or what was written after a mark: 64 MiB at most.
   * @throws ClusterError `LOG_TOO_LARGE` for more
   */
  async text(options: { readonly since?: LogMark } = {}): Promise<string> {
    checkOptionNames('log.text', options, ['since'], refuseFor(this.service))
    const { since = 0 } = options
    await this.#source.catchUp()
    const size = await logSize(this.path)
    if (size - since > TEXT_MAX) throw this.#tooLarge(size - since)
    return (await readLog(this.path, since, size)).toString()
  }

  /**
   * Waits for the first line that matches, which may be unfinished, and returns it. Uses little memory for a log of any
   * size; a line longer than 1 MiB counts as several. The time-out is real time, also under fake timers. Does not wait on
   * for a service that has failed.
   * @param options.since only lines after this mark count; by default all lines count
   * @param options.timeout milliseconds, 10 000 by default
   * @throws ClusterError `LOG_TIMEOUT` with the last lines; `SERVICE_FAILED`, `MANAGER_LOST`, `SESSION_CLOSED`
   */
  async waitFor(
    pattern: RegExp | string,
    options: { readonly since?: LogMark; readonly timeout?: number } = {},
  ): Promise<string> {
    checkOptionNames('log.waitFor', options, ['since', 'timeout'], refuseFor(this.service))
    const { since, timeout = 10_000 } = options
    const matches = matcher(pattern)
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => void this.#timedOut(pattern, timeout).then(late.reject, late.reject),
      timeout,
    )
    const ac = new AbortController()
    const failure = this.#source.failure(ac.signal).then(async (error) => {
      // The cause of the failure says more than an error after it
      await this.#source.catchUp().catch(() => {})
      return error
    })
    try {
      const lines = new Lines()
      const until = Promise.race([late.promise, failure])
      for await (const piece of followLog(this.path, { from: since, until })) {
        const line = lines.push(piece).find(matches)
        if (line !== undefined) return line
        // A prompt has no newline
        const { rest } = lines
        if (piece.length === 0 && rest !== '' && matches(rest)) return rest
      }
      throw await until
    } finally {
      ac.abort()
      clearTimeout(timer)
    }
  }

  /** The last lines, for an error. */
  async tail(): Promise<string[]> {
    await this.#source.catchUp()
    return tail(this.path)
  }

  #tooLarge(size: number): ClusterError {
    return new ClusterError({
      code: 'LOG_TOO_LARGE',
      service: this.service,
      message: `log.text() would return ${size} bytes; the limit is ${TEXT_MAX}`,
      fix: `Read only the lines after a mark with text({ since }), wait for a line with waitFor(), or read the file as a stream: ${this.path}`,
    })
  }

  async #timedOut(pattern: RegExp | string, timeout: number): Promise<ClusterError> {
    const log = await this.tail()
    return new ClusterError({
      code: 'LOG_TIMEOUT',
      service: this.service,
      message: `no line of its log matched ${pattern} within ${timeout} ms`,
      fix: `${log.length > 0 ? 'See its last lines' : 'The log is empty'}. Use a longer timeout or another pattern for waitFor().`,
      log,
    })
  }
}

function matcher(pattern: RegExp | string): (line: string) => boolean {
  if (typeof pattern === 'string') return (line) => line.includes(pattern)
  // Without flags that keep a position from one line to the next
  const stateless = new RegExp(pattern, pattern.flags.replace(/[gy]/g, ''))
  return (line) => stateless.test(line)
}

/** The last lines of a log, shortened to fit a screen. Empty if there is no file. */
export async function tail(path: string): Promise<string[]> {
  const size = await logSize(path)
  // Shown beside an error, which a failure to read the log must not replace
  const text = await readLog(path, Math.max(0, size - TAIL_BYTES), size).catch(() => '')
  return lastLines(`${text}`)
}

/** The last lines of a text, shortened to fit a screen. Pure. */
export function lastLines(text: string): string[] {
  const lines = printable(text)
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines
    .slice(-TAIL_LINES)
    .map((line) => (line.length > LINE_WIDTH ? `${line.slice(0, LINE_WIDTH)}…` : line))
}
