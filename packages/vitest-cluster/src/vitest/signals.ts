import { constants } from 'node:os'
import type { Vitest } from 'vitest/node'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
type Signal = (typeof SIGNALS)[number]

/**
 * Milliseconds from a signal until the process exits while tests still run. Without it Vitest would wait for a session that
 * is being opened, and for a test that never ends.
 */
const PATIENCE = 500

// On globalThis: this module may be loaded once per project, the process has one set of signals
const KEY = Symbol.for('vitest-cluster.signals')
interface Taken {
  users: number
  readonly restore: () => void
  readonly ending: () => boolean
}
const registry = globalThis as { [KEY]?: Taken }

/**
 * Vitest exits on SIGINT and SIGTERM without teardown, and does not handle SIGHUP. While a session is up these signals
 * end the run in order: cancel, teardown, exit with 128 + the signal's number. A second signal exits at once.
 * The keeper would remove the session in any case, but teardown also stops services in order and keeps their logs.
 * @returns a function that restores Vitest's own handlers
 */
export function takeOverSignals(vitest: Vitest): () => void {
  const taken = registry[KEY] ?? { users: 0, ...takeOver(vitest) }
  registry[KEY] = taken
  taken.users++
  let restored = false
  return () => {
    if (restored) return
    restored = true
    if (--taken.users > 0) return
    delete registry[KEY]
    taken.restore()
  }
}

/** Whether a signal is ending the run. */
export function isEnding(): boolean {
  return registry[KEY]?.ending() ?? false
}

function takeOver(vitest: Vitest): Omit<Taken, 'users'> {
  const previous = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]))
  let ending: Signal | undefined
  const handler = (signal: Signal) => {
    const code = 128 + constants.signals[signal]
    if (ending) process.exit(code)
    ending = signal
    // vitest.exit() exits with 0 or 1, but shells expect 128 + the signal's number
    process.on('exit', () => {
      process.exitCode = code
    })
    const impatient = setTimeout(() => process.exit(code), PATIENCE)
    void vitest
      .cancelCurrentRun('keyboard-input')
      .then(() => {
        clearTimeout(impatient)
        return vitest.exit(true)
      })
      .catch(() => process.exit(code))
  }
  for (const signal of SIGNALS) {
    process.removeAllListeners(signal)
    process.on(signal, handler)
  }
  const restore = () => {
    if (ending) return
    for (const [signal, listeners] of previous) {
      process.off(signal, handler)
      for (const listener of listeners) process.on(signal, listener as NodeJS.SignalsListener)
    }
  }
  return { restore, ending: () => ending !== undefined }
}
