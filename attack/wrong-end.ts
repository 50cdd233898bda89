import { SIGNALS } from '../test/support/signals.ts'
import type { Run } from './run.ts'
import { ENDS } from './target/ends.ts'
import type { Try } from './tries.ts'
import { victimOf } from './victims.ts'

/** How a run ended, if a run of its kind may not end in that way. */
export function wrongEnd(plan: Try, run: Run, hit: boolean): string | undefined {
  const { exitCode, signalCode } = run.child
  const end = exitCode ?? signalCode ?? 0
  // A signal to the group also goes to Vitest's workers, which have no teardown: Vitest reports that the signal ended
  // them
  const worker =
    plan.victim === 'group' && /Worker exited unexpectedly with signal/.test(run.output)
  // Vitest also reports the error of a set-up as unhandled
  if (!worker && /caught \d+ unhandled|UnhandledPromiseRejection/i.test(run.output))
    return `an unhandled error:\n${run.output}`
  return (hit ? allowed(plan, run) : [0]).includes(end)
    ? undefined
    : `ended with ${end}:\n${run.output}`
}

function allowed({ victim, signal, host }: Try, { output }: Run): unknown[] {
  const { endsRun, thenRun } = victimOf(victim)
  // The run ended before the signal
  const ends: unknown[] = [0]
  if (endsRun) ends.push(signal)
  // A client in the group may die first: Node then loses a signal that execa handled (its clean-up), and only that
  if (victim === 'group') ends.push(ENDS.requestError)
  if (victim === 'group' && /was ended by SIG/.test(output)) ends.push(ENDS.clusterError)
  if (host === 'vitest') {
    if (endsRun) ends.push(SIGNALS[signal as keyof typeof SIGNALS])
    // A failed test, whose output has to have the reason
    if ((!endsRun || thenRun) && /\[[A-Z]+(_[A-Z]+)+\]|RequestError/.test(output)) ends.push(1)
  } else if (!endsRun || thenRun) ends.push(ENDS.clusterError, ENDS.requestError)
  return ends
}
