import { appendFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The phases of a session in a run, in order. */
export const PHASES = ['open', 'use', 'close'] as const
export type Phase = (typeof PHASES)[number]

/** The file in a run's TMPDIR that has its phases, one a line. A worker of Vitest can write to it as well as a program. */
export const PHASES_FILE = 'phases'

/** Notes that the run begins a phase of its session with this number. */
export function begin(phase: Phase, session = 1): void {
  appendFileSync(join(tmpdir(), PHASES_FILE), `${phase} ${session}\n`)
}
