import { draw } from './draw.ts'
import { PHASES, type Phase } from './target/phase.ts'
import { VICTIMS, type VictimName } from './victims.ts'

/** What opens the session that is attacked: a program, or Vitest with the plugin. */
export const HOSTS = ['program', 'vitest'] as const
export type Host = (typeof HOSTS)[number]

/** One kill, independent of the duration of its phase. */
export interface Try {
  readonly number: number
  readonly victim: VictimName
  readonly signal: NodeJS.Signals
  readonly phase: Phase
  readonly host: Host
  /** The number of the session in the program, from 1: only the first has to load modules. */
  readonly session: number
  /** The instant as a fraction of the phase, from 0 to 1. */
  readonly instant: number
  /** A random number from 0 to 1 for choices at that instant. */
  readonly choice: number
}

export type Cell = Pick<Try, 'victim' | 'signal' | 'phase'>

/** Every victim with every one of its signals in every phase. */
export function cells(victims: readonly VictimName[]): Cell[] {
  return victims.flatMap((victim) =>
    VICTIMS[victim].signals.flatMap((signal) => PHASES.map((phase) => ({ victim, signal, phase }))),
  )
}

/**
 * The try with a number. Each cell comes once before any comes again, in a different order each time.
 * @param draws how often the try was made before and came too late
 */
export function tryOf(all: readonly Cell[], seed: number, number: number, draws = 0): Try {
  const deal = Math.floor(number / all.length)
  const place = (cell: Cell) => draw(seed, 'deal', deal, cell.victim, cell.signal, cell.phase)
  const dealt = [...all].sort((a, b) => place(a) - place(b))
  const cell = dealt[number % all.length]
  if (!cell) throw new Error('there is no victim on this machine')
  const host = number % 5 === 4 ? 'vitest' : 'program'
  const chance = (what: string) => draw(seed, what, number, draws)
  return {
    ...cell,
    number,
    host,
    session: host === 'program' && chance('session') < 0.5 ? 2 : 1,
    instant: chance('instant'),
    choice: chance('choice'),
  }
}
