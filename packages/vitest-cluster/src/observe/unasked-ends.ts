import { type ClusterErrorDetails, saysWhy } from '../errors.ts'
import { tail } from '../logs/service-log.ts'
import type { ServicePlan, SessionPlan } from '../plan/session-plan.ts'
import { FORKED, hasSucceeded } from '../session/ended.ts'
import { died } from '../session/ending.ts'
import { whyDown, whyLost } from '../session/health.ts'
import type { Manager } from '../systemd/manager.ts'
import type { Microseconds } from '../timers.ts'
import { readWindows, type TestWindow } from './test-windows.ts'

/** The end of a service, or of the whole session, that nobody asked for. Plain data. */
export interface UnaskedEnd {
  /** Undefined for the session's manager. */
  readonly service?: string | undefined
  /** How it ended, as a handle's error says it. */
  readonly message: string
  /** Whether a run fails for it: not where the program ended with exit status 0. */
  readonly failed: boolean
  /** For people: with the time and the last lines. */
  readonly details: ClusterErrorDetails
}

const ASK = 'A test that ends a service on purpose uses stop(), restart() or kill() of its handle.'

/** What of a session is down now though nobody has stopped it. Nothing for a session that has gone. */
export async function unaskedEnds(manager: Manager, plan: SessionPlan): Promise<UnaskedEnd[]> {
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
): Promise<UnaskedEnd | undefined> {
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
    ? `The run fails for it. ${ASK}`
    : `The run does not fail for it: its exit status is 0. ${FORKED}`
  const details = {
    ...known,
    message: `${known.message}; it ended by itself${when}`,
    log: known.log ?? written,
    fix: `${saysWhy(known.log ?? written)}. ${outcome}`,
  }
  return { service, message: known.message, failed, details }
}

/** Which tests ran at that time, or which was the last one before, in words. Pure. */
export function during(windows: readonly TestWindow[], at: Microseconds): string {
  const running = windows.filter(({ begin, end }) => begin <= at && (end ?? at) >= at)
  const [first, ...others] = running.map(({ name }) => `'${name}'`)
  if (first) return ` during ${first}${others.length > 0 ? ` and ${others.length} more` : ''}`
  const before = windows.findLast(({ begin }) => begin < at)
  if (before) return ` after '${before.name}'`
  return windows.length > 0 ? ' before the first test' : ''
}
