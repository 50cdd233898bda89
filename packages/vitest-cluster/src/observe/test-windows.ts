import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Microseconds } from '../timers.ts'

/**
 * When each test of a session ran and which services it used: lines of JSON in one file, appended by every worker.
 * A line is one write(2) to a file opened with O_APPEND, so that workers need no lock; appending takes some 20 µs.
 */
const FILE = 'tests.jsonl'

/** A run of one test, or of one attempt of it. */
export interface TestWindow {
  readonly key: string
  /** Vitest's id of the test. */
  readonly id: string
  /** `file > suite > test` */
  readonly name: string
  readonly pid: number
  readonly begin: Microseconds
  /** Undefined while it runs. */
  readonly end?: Microseconds
  /** The services whose handles it used. */
  readonly uses: readonly string[]
}

type Line =
  | ({ readonly event: 'begin' } & Pick<TestWindow, 'key' | 'id' | 'name' | 'pid' | 'begin'>)
  | { readonly event: 'use'; readonly key: string; readonly service: string }
  | { readonly event: 'end'; readonly key: string; readonly end: Microseconds }

/** Appends a line, if the session's directory still exists. */
export function note(directory: string, line: Line): void {
  // A directory under removal must not get another file
  if (existsSync(directory)) appendFileSync(join(directory, FILE), `${JSON.stringify(line)}\n`)
}

/** All windows of a session, in the order in which they began. */
export function readWindows(directory: string): TestWindow[] {
  const path = join(directory, FILE)
  return existsSync(path) ? parseWindows(readFileSync(path, 'utf8')) : []
}

/** The pure part of {@link readWindows}. Skips a last line that is incomplete. */
export function parseWindows(text: string): TestWindow[] {
  const windows = new Map<string, TestWindow>()
  for (const line of text.split('\n').slice(0, -1)) {
    const entry = JSON.parse(line) as Line
    const known = windows.get(entry.key)
    if (entry.event === 'begin') {
      const { event: _, ...begun } = entry
      windows.set(entry.key, { ...begun, uses: [] })
    } else if (known && entry.event === 'use') {
      windows.set(entry.key, { ...known, uses: [...known.uses, entry.service] })
    } else if (known && entry.event === 'end') {
      windows.set(entry.key, { ...known, end: entry.end })
    }
  }
  return [...windows.values()]
}

/** The windows that share time with this one. One without an end counts as long as its process lives. */
export function overlapping(
  windows: readonly TestWindow[],
  own: TestWindow,
  lives = (pid: number) => existsSync(`/proc/${pid}`),
): TestWindow[] {
  const { end = Number.POSITIVE_INFINITY } = own
  return windows.filter(
    (other) =>
      other.key !== own.key &&
      other.begin < end &&
      (other.end === undefined ? lives(other.pid) : other.end > own.begin),
  )
}
