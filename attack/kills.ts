import { attempt, HANG_LIMIT, type Outcome } from './attempt.ts'
import { measure } from './durations.ts'
import { cells, tryOf } from './tries.ts'
import { VICTIMS, type VictimName, victimOf } from './victims.ts'

/** How often a kill that came too late is tried again with another instant. */
const DRAWS = 5

export interface KillOptions {
  readonly kills: number
  readonly seed: number
  /** The number of the only try to make. */
  readonly only: number | undefined
  /** Whether sessions have a private manager, which may be attacked. */
  readonly isPrivate: boolean
  readonly say: (line: string) => void
}

export interface Kills {
  readonly outcomes: readonly Outcome[]
  /** Tries whose kills all came too late. */
  readonly missed: number
}

/** Kills at random instants, one after the other. */
export async function kills({ kills, seed, only, isPrivate, say }: KillOptions): Promise<Kills> {
  const names = Object.keys(VICTIMS) as VictimName[]
  const all = cells(names.filter((name) => isPrivate || !victimOf(name).ofPrivateManager))
  const durations = await measure(say)
  say(`phases, ms: ${[...durations].map(([key, ms]) => `${key} ${ms.toFixed(0)}`).join(', ')}`)
  const numbers = only === undefined ? Array.from({ length: kills }, (_, number) => number) : [only]
  const outcomes: Outcome[] = []
  for (const number of numbers) {
    const outcome = await hit(number)
    if (outcome) outcomes.push(outcome)
    if (outcome && failed(outcome)) say(report(outcome))
    if (number % 50 === 49) say(`${number + 1} tries, ${outcomes.filter(failed).length} failed`)
  }
  return { outcomes, missed: numbers.length - outcomes.length }

  async function hit(number: number): Promise<Outcome | undefined> {
    for (let draws = 0; draws < DRAWS; draws++) {
      const outcome = await attempt(tryOf(all, seed, number, draws), durations)
      if (outcome) return outcome
    }
    const { victim, signal, phase, host } = tryOf(all, seed, number)
    say(`try ${number}: ${signal} to ${victim} in ${phase} (${host}) came too late ${DRAWS} times`)
    return undefined
  }
}

export const hung = ({ took }: Outcome) => took > HANG_LIMIT
export const failed = (outcome: Outcome) =>
  outcome.left.length > 0 || hung(outcome) || outcome.wrong !== undefined

/** A failed try, as readable lines. */
function report(outcome: Outcome): string {
  const { number, victim, signal, phase, host, session } = outcome.try
  const when = outcome.hit ? `${outcome.delay.toFixed(0)} ms after the begin` : 'after the end'
  const lines = [
    `try ${number}: ${signal} to ${victim}, ${when} of ${phase} ${session} (${host})`,
    ...(hung(outcome)
      ? [
          `  ${outcome.killed ? 'had not ended' : 'ended'} ${(outcome.took / 1000).toFixed(1)} s later`,
        ]
      : []),
    ...(outcome.wrong ? [`  ${outcome.wrong.trimEnd().replaceAll('\n', '\n  ')}`] : []),
    ...outcome.left.map((line) => `  left: ${line.replaceAll(/\s+/g, ' ')}`),
  ]
  return lines.join('\n')
}
