import { watch } from 'node:fs'
import { chmod, open, stat, writeFile } from 'node:fs/promises'
import { ClusterError } from '../errors.ts'
import { printable } from '../printable.ts'

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
    return (await stat(this.path).catch(() => undefined))?.size ?? 0
  }

  /** The log, or what was written after a mark. */
  text(options: { readonly since?: LogMark } = {}): Promise<string> {
    return readFrom(this.path, options.since ?? 0)
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
    // inotify tells of every write; the first look comes after the watch so that none is missed
    const watcher = watch(this.path, { signal: ac.signal }, () => void look())
    watcher.on('error', reject)
    const timer = setTimeout(() => void this.#timedOut(pattern, timeout).then(reject), timeout)
    try {
      void look()
      return await promise
    } finally {
      clearTimeout(timer)
      ac.abort()
    }
  }

  /** Notes that a start of the service begins here: what it said before does not make it ready (ready-log.sh). */
  async begin(): Promise<void> {
    await writeFile(`${this.path}.begin`, `${await this.mark()}\n`)
    // whatever the umask: root's services have another uid
    await chmod(`${this.path}.begin`, 0o644)
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
  const size = (await stat(path).catch(() => undefined))?.size ?? 0
  const text = await readFrom(path, Math.max(0, size - TAIL_BYTES))
  const lines = printable(text)
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines
    .slice(-TAIL_LINES)
    .map((line) => (line.length > LINE_WIDTH ? `${line.slice(0, LINE_WIDTH)}…` : line))
}

async function readFrom(path: string, offset: number): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const buffer = Buffer.alloc(Math.max(0, size - offset))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
