import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { VitestRun } from './vitest.ts'

/**
 * How a run may end after a signal: with 128 + its number from Vitest or from this library, or by the signal itself.
 */
export const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGKILL: 'SIGKILL' } as const
export type Signal = keyof typeof SIGNALS

/** Stages of a run, in order. */
export const MILESTONES = {
  spawn: () => true,
  'session begins': (run: VitestRun) => run.sessions.size > 0,
  'tests begin': (run: VitestRun) => existsSync(join(run.directory, 'tests-begin')),
  'tests end': (run: VitestRun) => existsSync(join(run.directory, 'tests-end')),
}
