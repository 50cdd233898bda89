import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { nothingLeft, sessionsBelow } from '../../../../test/support/leftovers.ts'
import { SCREEN } from './failure.ts'
import { temporaryDirectory } from './temporary.ts'

/** Milliseconds after which a user would believe that opening a session hangs. */
const PATIENCE = 15_000

/** The result of a process that opened a session with too little of a resource. */
export interface Outcome {
  readonly code?: string
  readonly message: string
  readonly left: readonly string[]
}

/**
 * Runs a module of this folder through a program that limits a resource. Checks that it ends soon, prints its result,
 * and leaves nothing.
 * @returns the JSON that it printed; undefined if a signal ended Node, which had too little to start
 */
export async function shortOf<T extends object = Outcome>(
  through: readonly string[],
  module = './opens-as.ts',
  ...argv: string[]
): Promise<T | undefined> {
  const directory = await temporaryDirectory()
  const [program = '', ...rest] = [
    ...['env', `TMPDIR=${directory}`, ...through, process.execPath],
    ...[fileURLToPath(new URL(module, import.meta.url)), ...argv],
  ]
  const sessions = await sessionsIn(directory)
  const begun = performance.now()
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said, complaint, [exitCode, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, string | null]>,
  ])
  const about = `${through.join(' ')}: ${exitCode ?? signal}\n${complaint}`
  if (said === '' && (signal !== null || (exitCode ?? 0) >= 128)) return undefined
  expect(exitCode, about).toBe(0)
  expect(performance.now() - begun, about).toBeLessThan(PATIENCE)
  await nothingLeft({ ids: await sessions(), directory })
  return JSON.parse(said) as T
}

/** The ids of all sessions that begin below a TMPDIR from now on, also of those that leave only a control group. */
async function sessionsIn(directory: string): Promise<() => Promise<Set<string>>> {
  const base = sessionsBelow(directory)
  await mkdir(base, { mode: 0o700 })
  const ids = new Set<string>()
  const all = Promise.withResolvers<void>()
  const watcher = watch(base, (_, name) => {
    if (name === '.end') all.resolve()
    else if (name) ids.add(name.replace(/^\.new-/, ''))
  })
  return async () => {
    // inotify(7) reports in order
    await writeFile(join(base, '.end'), '')
    await all.promise
    watcher.close()
    await rm(join(base, '.end'))
    return ids
  }
}

/**
 * Opens sessions with more and more of a resource until one opens. Each error has to name the resource.
 * @param give the command through which a session is opened
 * @returns the messages of those that failed
 */
export async function openWithMore(
  amounts: Iterable<number>,
  codes: readonly string[],
  give: (amount: number) => readonly string[],
): Promise<string[]> {
  const failed: string[] = []
  for (const amount of amounts) {
    const outcome = await shortOf(give(amount))
    if (!outcome) continue
    const { code, message, left } = outcome
    expect({ amount, left }).toEqual({ amount, left: [] })
    if (code === undefined) return failed
    expect(codes, `${amount}: ${message}`).toContain(code)
    expect(message.split('\n').length).toBeLessThanOrEqual(SCREEN)
    failed.push(message)
  }
  return expect.unreachable('none opened')
}

/** A TMPDIR on a tmpfs with these options, for root: in a mount namespace. */
export function smallDisk(options: string): string[] {
  const script = `mount -t tmpfs -o mode=1777,${options} tmpfs /mnt && TMPDIR=/mnt exec "$@"`
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh']
}

/** From a number on, in steps. */
export function* from(first: number, step: number): Generator<number> {
  for (let amount = first; amount < first + 200; amount += step) yield amount
}
