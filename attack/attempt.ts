import { setTimeout as wait } from 'node:timers/promises'
import { portsOf } from '../test/support/ports.ts'
import type { Durations } from './durations.ts'
import type { Run } from './run.ts'
import type { Try } from './tries.ts'
import { victimOf } from './victims.ts'
import { watchedRun } from './watched-run.ts'
import { wrongEnd } from './wrong-end.ts'

/** The milliseconds after the signal in which a run has to end; otherwise it hangs. */
export const HANG_LIMIT = 12_000
/** The longest wait for a run that hangs, in order to report its duration. */
const PATIENCE = 35_000
/** The longest time between a keeper's death and its run's. */
const LATER = 500

export interface Outcome {
  readonly try: Try
  /** Whether the signal was sent: a run that ended before has to leave nothing as well. */
  readonly hit: boolean
  /** Milliseconds from the begin of the phase to the signal. */
  readonly delay: number
  /** Milliseconds from the signal to the run's end; longer than {@link HANG_LIMIT}: it hung. */
  readonly took: number
  /** Whether the run had to be killed. */
  readonly killed: boolean
  /** What was left 2 s after the run's end. */
  readonly left: readonly string[]
  /** How the run ended, if not as expected. */
  readonly wrong: string | undefined
}

/** Tries one kill. Resolves with undefined if it came too late: the run had ended as expected, and left nothing. */
export async function attempt(plan: Try, durations: Durations): Promise<Outcome | undefined> {
  await using watched = watchedRun(plan.host)
  const { run } = watched
  const phase = `${plan.phase} ${plan.session}`
  const began = (await run.begins(phase)) ? performance.now() : undefined
  if (began !== undefined) await wait(plan.instant * (durations.get(`${plan.host} ${phase}`) ?? 0))
  const hit = began !== undefined && (await strike(run, plan))
  const struck = performance.now()
  const ports = portsOf(run.pid)
  if (hit && victimOf(plan.victim).thenRun) {
    await run.endsWithin(plan.choice * LATER)
    if (run.running) process.kill(run.pid, plan.signal)
  }
  const killed = !(await run.endsWithin(PATIENCE))
  if (killed) process.kill(-run.pid, 'SIGKILL')
  const took = (await run.ended) - struck
  const left = await watched.left(ports)
  const wrong = killed ? undefined : wrongEnd(plan, run, hit)
  if (!hit && left.length === 0 && !wrong) return undefined
  return { try: plan, hit, delay: struck - (began ?? struck), took, killed, left, wrong }
}

/** Sends the signal as soon as the victim exists. */
async function strike(run: Run, { victim, signal, choice }: Try): Promise<boolean> {
  while (run.running) {
    run.look()
    const pids = victimOf(victim).find({ run: run.pid, ids: run.ids, choice })
    const struck = pids.filter((pid) => sent(pid, signal))
    if (struck.length > 0) return true
    // The kernel does not report a new process of another one
    await wait(2)
  }
  return false
}

function sent(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
