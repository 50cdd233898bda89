import { type ClusterErrorDetails, saysWhy } from '../errors.ts'
import { tail } from '../logs/service-log.ts'
import type { ServicePlan, SessionPlan } from '../plan/session-plan.ts'
import { FORKED, hasSucceeded } from '../session/ended.ts'
import { died } from '../session/ending.ts'
import { whyDown, whyLost } from '../session/health.ts'
import type { Manager } from '../systemd/manager.ts'
import type { Microseconds } from '../timers.ts'
import { readWindows, type TestWindow } from './test-windows.ts'

/** The unexpected end of a service, or of the whole session: no test and no user stopped it. Plain data. */
export interface UnexpectedEnd {
  /** Undefined for the session's manager. */
  readonly service?: string | undefined
  /** How it ended: the message of the error that a handle throws. */
  readonly message: string
  /** Whether the run fails because of it. False if the program ended with exit status 0. */
  readonly failed: boolean
  /** The error to print: with the time and the last lines. */
  readonly details: ClusterErrorDetails
}

const ASK = 'To end a service on purpose, a test calls stop(), restart() or kill() of its handle.'

/** All of a session that has ended unexpectedly and is still down. Empty for a session that was removed. */
export async function unexpectedEnds(
  manager: Manager,
  plan: SessionPlan,
): Promise<UnexpectedEnd[]> {
  const lost = whyLost(plan.paths.status)
  if (lost) return [{ message: lost.message, failed: true, details: lost }]
  const windows = readWindows(plan.paths.directory)
  const ends = Object.values(plan.services).map((service) =>
    endOf(manager, plan, service, windows).catch(() => undefined),
  )
  return (await Promise.all(ends)).filter((end) => end !== undefined)
}

async function endOf(
  manager: Manager,
  { paths: { status } }: SessionPlan,
  plan: ServicePlan,
  windows: readonly TestWindow[],
): Promise<UnexpectedEnd | undefined> {
  const { name: service, log } = plan
  const unit = plan.unit.name
  const state = await manager.state(unit)
  if (!['failed', 'inactive'].includes(state?.activeState ?? 'inactive')) return undefined
  const failed = !(state && hasSucceeded(state))
  const written = await tail(log)
  const { asked, ...known } = whyDown(status, service) ?? died(status, plan, state, written)
  if (asked) return undefined
  const times = await manager.properties(unit, 'Unit', ['InactiveEnterTimestampMonotonic'])
  const at = Number(times?.['InactiveEnterTimestampMonotonic'] ?? 0)
  const when = at > 0 ? during(windows, at) : ''
  const outcome = failed
    ? `The run fails because of it. ${ASK}`
    : `The run does not fail because of it: its exit status is 0. ${FORKED}`
  const details = {
    ...known,
    message: `${known.message}; it ended unexpectedly${when}`,
    log: known.log ?? written,
    fix: `${saysWhy(known.log ?? written)}. ${outcome}`,
  }
  return { service, message: known.message, failed, details }
}

/** The tests that ran at a time, or the last one before, in words. Pure. */
export function during(windows: readonly TestWindow[], at: Microseconds): string {
  const running = windows.filter(({ begin, end }) => begin <= at && (end ?? at) >= at)
  const [first, ...others] = running.map(({ name }) => `'${name}'`)
  if (first) return ` during ${first}${others.length > 0 ? ` and ${others.length} more` : ''}`
  const before = windows.findLast(({ begin }) => begin < at)
  if (before) return ` after '${before.name}'`
  return windows.length > 0 ? ' before the first test' : ''
}
