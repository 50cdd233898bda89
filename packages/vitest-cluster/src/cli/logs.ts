import { existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { ClusterError } from '../errors.ts'
import { readLog, watchLog } from '../session/log-file.ts'
import { type Run, text } from './command.ts'
import { print, styled } from './output.ts'
import { servicesOf } from './services.ts'
import { target } from './target.ts'

const COLOURS = ['cyan', 'magenta', 'yellow', 'green', 'blue', 'red'] as const

export const run: Run = async (invocation) => {
  const { words, options } = invocation
  const session = await target(invocation)
  const names = servicesOf(session, words)
  const last = lineCount(text(options, 'lines'))
  const width = Math.max(...names.map((name) => name.length))
  const readers = names.map((name, i) => {
    const colour = COLOURS[i % COLOURS.length] as (typeof COLOURS)[number]
    // With one service its lines are as it wrote them: for grep, and for a pipe
    const prefix = names.length > 1 ? `${styled(colour, name.padEnd(width))} | ` : ''
    return new Reader(session.about.info.units[name]?.log ?? '', prefix)
  })
  for (const reader of readers) await reader.print(last)
  if (options['follow']) await follow(session.directory, readers)
  return 0
}

function lineCount(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value)) return Number(value)
  const mend = 'vitest-cluster logs --lines 20'
  throw new ClusterError({ code: 'USAGE', message: '--lines takes a number', mend })
}

/** Prints what comes, until the session ends or the person does. */
async function follow(directory: string, readers: readonly Reader[]): Promise<void> {
  const ended = Promise.withResolvers<void>()
  const look = () => existsSync(directory) || ended.resolve()
  const ac = new AbortController()
  for (const reader of readers)
    await watchLog(reader.path, { signal: ac.signal, changed: () => reader.more() })
  // inotify(7) tells of the directory's end, too
  const removal = watch(dirname(directory), look)
  process.once('SIGINT', ended.resolve)
  look()
  for (const reader of readers) reader.more()
  await ended.promise
  ac.abort()
  removal.close()
  await Promise.all(readers.map((reader) => reader.finish()))
}

/** Prints a log's whole lines, from where it was before. */
class Reader {
  readonly path: string
  readonly #prefix: string
  #offset = 0
  #rest = ''
  #work = Promise.resolve()

  constructor(path: string, prefix: string) {
    this.path = path
    this.#prefix = prefix
  }

  /** Prints what is there, or its last lines. */
  async print(last?: number): Promise<void> {
    const lines = await this.#read()
    this.#show(last === undefined ? lines : last === 0 ? [] : lines.slice(-last))
  }

  /** Prints what came since; one after the other, however often it is asked. */
  more(): void {
    this.#work = this.#work.then(async () => this.#show(await this.#read())).catch(() => {})
  }

  async finish(): Promise<void> {
    await this.#work
    if (this.#rest) this.#show([this.#rest])
  }

  #show(lines: readonly string[]): void {
    print(...lines.map((line) => `${this.#prefix}${line}`))
  }

  async #read(): Promise<string[]> {
    const bytes = await readLog(this.path, this.#offset)
    // A line is taken whole, so that no character of several bytes is cut
    const end = bytes.lastIndexOf(0x0a) + 1
    this.#offset += end
    this.#rest = bytes.toString('utf8', end)
    return end === 0 ? [] : bytes.toString('utf8', 0, end - 1).split('\n')
  }
}
