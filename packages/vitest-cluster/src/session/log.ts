import { ClusterError } from '../errors.ts'
import { printable } from '../printable.ts'
import { logSize, readLog, watchLog } from './log-file.ts'

/** A place in a log: the log's length in bytes when it was taken. */
export type LogMark = number

const TAIL_LINES = 12
const TAIL_BYTES = 64 * 1024
const LINE_WIDTH = 200

/** What a service wrote to standard output and standard error. */
export class ServiceLog {
  readonly service: string
  /** The file, on the host. */
  readonly path: string

  constructor(service: string, path: string) {
    this.service = service
    this.path = path
  }

  /** Marks the end of the log as it is now, for `since`. */
  async mark(): Promise<LogMark> {
    return logSize(this.path)
  }

  /** The log, or what was written after a mark. */
  async text(options: { readonly since?: LogMark } = {}): Promise<string> {
    return (await readLog(this.path, options.since)).toString()
  }

  /**
   * Waits for a line that matches and returns it.
   * @param options.since only lines after this mark count; by default all do
   * @param options.timeout milliseconds, 10 000 by default
   * @throws ClusterError `LOG_TIMEOUT` with the last lines
   */
  async waitFor(
    pattern: RegExp | string,
    options: { readonly since?: LogMark; readonly timeout?: number } = {},
  ): Promise<string> {
    const { timeout = 10_000 } = options
    const matches = (line: string) =>
      typeof pattern === 'string'
        ? line.includes(pattern)
        : new RegExp(pattern, pattern.flags.replace(/[gy]/g, '')).test(line)
    const find = async () => (await this.text(options)).split('\n').find(matches)
    const ac = new AbortController()
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const look = () => find().then((line) => line !== undefined && resolve(line), reject)
    const changed = (error?: Error) => (error ? reject(error) : void look())
    const timer = setTimeout(() => void this.#timedOut(pattern, timeout).then(reject), timeout)
    try {
      // The first look comes after the watch so that no write is missed
      await watchLog(this.path, { signal: ac.signal, changed })
      void look()
      return await promise
    } finally {
      clearTimeout(timer)
      ac.abort()
    }
  }

  /** The last lines, for an error. */
  async tail(): Promise<string[]> {
    return tail(this.path)
  }

  async #timedOut(pattern: RegExp | string, timeout: number): Promise<ClusterError> {
    return new ClusterError({
      code: 'LOG_TIMEOUT',
      service: this.service,
      message: `no line of its log matched ${pattern} within ${timeout} ms`,
      mend: 'Look at the last lines; give waitFor() a longer timeout or another pattern.',
      log: await this.tail(),
    })
  }
}

/** The last lines of a file, shortened to what fits a screen. Empty where there is no file. */
export async function tail(path: string): Promise<string[]> {
  // Only shown beside an error, which is not to be lost for it
  const text = await readLog(path, Math.max(0, (await logSize(path)) - TAIL_BYTES)).catch(() => '')
  const lines = printable(`${text}`)
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines
    .slice(-TAIL_LINES)
    .map((line) => (line.length > LINE_WIDTH ? `${line.slice(0, LINE_WIDTH)}…` : line))
}
