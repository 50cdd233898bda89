import { once } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { ClusterError } from '../errors.ts'
import { followLog, logPieces } from '../logs/file.ts'
import { Lines } from '../logs/lines.ts'
import { type Run, text } from './command.ts'
import { styled } from './output.ts'
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
    // The lines of a single service have no prefix, so that other programs can read them
    const prefix = names.length > 1 ? `${styled(colour, name.padEnd(width))} | ` : ''
    return new Reader(session.record.plan.services[name]?.log ?? '', prefix)
  })
  for (const reader of readers) await reader.print(last)
  if (options['follow']) await follow(session.directory, readers)
  return 0
}

function lineCount(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value)) return Number(value)
  const fix = 'vitest-cluster logs --lines 20'
  throw new ClusterError({ code: 'USAGE', message: '--lines must be a number', fix })
}

/** Prints new lines until the session ends or the user presses Ctrl-C. */
async function follow(directory: string, readers: readonly Reader[]): Promise<void> {
  const ended = Promise.withResolvers<void>()
  const look = () => existsSync(directory) || ended.resolve()
  // inotify(7) also reports the removal of the directory
  const removal = watch(dirname(directory), look)
  process.once('SIGINT', ended.resolve)
  look()
  const following = readers.map((reader) => reader.follow(ended.promise))
  try {
    await Promise.all(following)
  } finally {
    ended.resolve()
    removal.close()
  }
}

/** Prints a log line by line, without the whole file in memory. */
class Reader {
  readonly path: string
  readonly #prefix: string
  readonly #lines = new Lines()
  #offset = 0

  constructor(path: string, prefix: string) {
    this.path = path
    this.#prefix = prefix
  }

  /** Prints the lines written so far, or only the last of them. */
  async print(last?: number): Promise<void> {
    let held: string[] = []
    for await (const piece of logPieces(this.path)) {
      this.#offset += piece.length
      const lines = this.#lines.push(piece)
      if (last === undefined) await this.#show(lines)
      else held = last === 0 ? [] : [...held, ...lines].slice(-last)
    }
    await this.#show(held)
  }

  /** Prints the lines written since then and, at the end, an unfinished line. */
  async follow(until: Promise<void>): Promise<void> {
    for await (const piece of followLog(this.path, { from: this.#offset, until }))
      await this.#show(this.#lines.push(piece))
    const { rest } = this.#lines
    if (rest) await this.#show([rest])
  }

  async #show(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return
    const text = lines.map((line) => `${this.#prefix}${line}\n`).join('')
    // The reader of standard output may be slower than the log
    if (!process.stdout.write(text)) await once(process.stdout, 'drain')
  }
}
