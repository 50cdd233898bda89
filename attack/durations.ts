import { median } from '../bench/median.ts'
import { HOSTS } from './tries.ts'
import { watchedRun } from './watched-run.ts'

/** How many milliseconds an undisturbed phase takes, by host, phase and number of the session: `program open 2`. */
export type Durations = ReadonlyMap<string, number>

const ROUNDS = 3

/** Measures the phases in undisturbed runs; the median of three. */
export async function measure(say: (line: string) => void): Promise<Durations> {
  const found = new Map<string, number[]>()
  // The first round makes templates and is not counted
  for (let round = 0; round <= ROUNDS; round++) {
    for (const host of HOSTS) {
      await using watched = watchedRun(host)
      const { run } = watched
      const ended = await run.ended
      const { exitCode } = run.child
      if (exitCode !== 0)
        throw new Error(`a run that nobody disturbed ended with ${exitCode}:\n${run.output}`)
      const left = await watched.left()
      if (left.length > 0) say(`a run that nobody disturbed left: ${left.join(', ')}`)
      if (round === 0) continue
      for (const [index, { name, at }] of run.marks.entries()) {
        const key = `${host} ${name}`
        const took = (run.marks[index + 1]?.at ?? ended) - at
        found.set(key, [...(found.get(key) ?? []), took])
      }
    }
  }
  return new Map([...found].map(([key, values]) => [key, median(values)]))
}
