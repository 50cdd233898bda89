import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FSWatcher, mkdirSync, mkdtempSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { execa } from 'execa'
import { sessionsBelow } from '../test/support/leftovers.ts'
import { entries, text } from '../test/support/proc.ts'
import { environment, withPrivateManager } from '../test/support/vitest.ts'
import { owner } from './left.ts'
import { PHASES_FILE } from './target/phase.ts'
import type { Host } from './tries.ts'

const TARGET = join(import.meta.dirname, 'target')
const VITEST = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs')

/** A phase that has begun, and when (performance.now()). */
export interface Mark {
  readonly name: string
  readonly at: number
}

/**
 * A process that opens sessions, with a separate process group and TMPDIR, so that its leftovers can be attributed to
 * it.
 */
export class Run {
  readonly child: ChildProcess
  readonly directory = mkdtempSync(join(tmpdir(), 'vc-'))
  /** The ids of all sessions that the process began. */
  readonly ids = new Set<string>()
  /** The uids of their services. */
  readonly uids = new Set<number>()
  readonly marks: Mark[] = []
  readonly began = performance.now()
  /** When the process ended (performance.now()). */
  readonly ended: Promise<number>
  #output = ''
  readonly #watchers: FSWatcher[] = []
  readonly #waiting = new Set<() => void>()

  /** @param argv a Node script below target/, or nothing for Vitest, and its arguments */
  constructor(host: Host, argv: readonly string[] = []) {
    const sessions = sessionsBelow(this.directory)
    mkdirSync(sessions, { mode: 0o700 })
    this.#watchers.push(
      watch(sessions, (_, entry) => {
        this.#sees(entry)
        this.look()
      }),
      watch(this.directory, () => this.look()),
    )
    const isPrivate = process.env['VITEST_CLUSTER_MANAGER'] === 'private'
    const [script = 'program.ts', ...rest] = argv
    const [program = '', ...words] = [
      ...((isPrivate && withPrivateManager().through) || []),
      process.execPath,
      ...(host === 'vitest' ? [VITEST, 'run', '--root', TARGET] : [join(TARGET, script), ...rest]),
    ]
    this.child = spawn(program, words, {
      cwd: TARGET,
      env: { ...environment(), TMPDIR: this.directory },
      // target/member.ts waits for its end
      stdio: [host === 'vitest' ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true,
    })
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    this.ended = once(this.child, 'exit').then(() => {
      this.look()
      return performance.now()
    })
  }

  get pid(): number {
    if (!this.child.pid) throw new Error('the run did not start')
    return this.child.pid
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  get output(): string {
    return this.#output
  }

  /** Resolves with true when the process begins the phase, with false if it ends before that. */
  async begins(mark: string): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const look = () => {
      if (this.marks.some(({ name }) => name === mark)) resolve(true)
      else if (!this.running) resolve(false)
    }
    this.#waiting.add(look)
    this.look()
    return promise.finally(() => this.#waiting.delete(look))
  }

  /** Resolves with true when the process has ended, with false if it has not after so many milliseconds. */
  async endsWithin(milliseconds: number): Promise<boolean> {
    const waiting = new AbortController()
    const late = wait(milliseconds, false, { signal: waiting.signal }).catch(() => false)
    const ended = await Promise.race([this.ended.then(() => true), late])
    waiting.abort()
    return ended
  }

  /** Ends the process, and removes its directory, in which nothing of a session may be left. */
  async remove(): Promise<void> {
    if (this.running) process.kill(-this.pid, 'SIGKILL')
    await this.ended
    for (const watcher of this.#watchers) watcher.close()
    // Logs of failed runs, which are kept for Vitest's users
    await execa('rm', ['-rf', this.directory, join(TARGET, '.vitest')])
  }

  /** Reads which sessions and phases exist by now. */
  look(): void {
    // The kernel drops events if too many are queued: existing entries count as well
    for (const entry of entries(sessionsBelow(this.directory))) this.#sees(entry)
    for (const id of this.ids) {
      const uid = owner(join(sessionsBelow(this.directory), id, 'cluster'))
      // It belongs to root until root gives it to the session's uid
      if (uid > 0) this.uids.add(uid)
    }
    const names = text(join(this.directory, PHASES_FILE)).split('\n').slice(0, -1)
    for (const name of names.slice(this.marks.length))
      this.marks.push({ name, at: performance.now() })
    for (const look of this.#waiting) look()
  }

  #sees(entry: string | null): void {
    const id = /^(?:\.new-)?([0-9a-f]{8})$/.exec(entry ?? '')?.[1]
    if (id) this.ids.add(id)
  }
}
