import { join } from 'node:path'
import type { Vitest } from 'vitest/node'
import { isClusterError, messageOf } from '../errors.ts'
import { invitation } from '../lifetime/stay.ts'
import { keepLogs } from '../logs/kept.ts'
import type { OpenedSession } from '../open/session.ts'
import { renderOpening } from '../report/chain.ts'
import { setting, writePage, writeStartFailure } from '../report/write.ts'
import { warningText } from '../session/record.ts'
import { otherErrors, reportTests } from './report-tests.ts'
import type { RunEnds } from './run-ends.ts'
import { isEnding } from './signals.ts'
import type { ResolvedWishes } from './wishes.ts'

/** The directory for logs of failed runs, below that of Vitest's own output. */
export function keptPlace(vitest: Vitest): string {
  return join(vitest.config.root, '.vitest', 'cluster')
}

/** Prints how a session started. */
export async function printTiming(session: OpenedSession, vitest: Vitest): Promise<void> {
  const opening = await session.opening().catch(() => undefined)
  // The session has ended already: the tests will report that
  if (!opening) return
  const lines = renderOpening(opening)
  say(vitest, [`session ${session.id} ${lines[0]}`, ...lines.slice(1)].join('\n'))
}

/** Prints the warnings of a session. */
export function printWarnings({ warnings }: OpenedSession, vitest: Vitest): void {
  for (const warning of warnings) say(vitest, warningText(warning))
}

/** Writes the report page of a cluster that did not start beside its kept logs, and prints its path. */
export async function reportStartFailure(
  error: unknown,
  config: string,
  vitest: Vitest,
): Promise<void> {
  // A run that is ended by a signal needs no report, and has little time
  if (isEnding() || !isClusterError(error)) return
  // A failure to write the page must not hide the error itself
  const path = await writeStartFailure(error.details, config).catch(() => undefined)
  if (path) say(vitest, `report of the start: ${path}`)
}

/** Prints a message on standard error: a reporter may write its format to standard output (json, junit, tap). */
function say(vitest: Vitest, text: string): void {
  vitest.logger.error(`vitest-cluster: ${text}`)
}

/** Ends a session after its run, or leaves it up after a failed run if that is set. Prints what was kept. */
export async function finish(
  session: OpenedSession,
  vitest: Vitest,
  { wishes, ends }: { readonly wishes: ResolvedWishes; readonly ends: RunEnds },
): Promise<void> {
  if (isEnding()) return session.close()
  const failed = (await ends.report(session)) || hasFailed(vitest)
  if (!(failed || wishes.report)) return session.close()
  // If logs or page cannot be kept (a full disk, a read-only directory), the result of the run stays the same
  const keep = (what: string, work: Promise<string | undefined>) =>
    work.then(
      (path) => path && say(vitest, `${what} of session ${session.id}: ${path}`),
      (error) => say(vitest, `cannot keep ${what} of session ${session.id}: ${messageOf(error)}`),
    )
  const place = keptPlace(vitest)
  if (failed) await keep('all logs', keepLogs(session.plan.paths.directory, place))
  await keep('report', writeReport(session, vitest, place))
  if (!failed || wishes.keep === undefined) return session.close()
  await session.detach(wishes.keep)
  say(vitest, invitation(session.plan, wishes.keep))
}

async function writeReport(session: OpenedSession, vitest: Vitest, place: string): Promise<string> {
  const record = await session.record()
  const tests = reportTests(vitest, record)
  const about = await setting(record)
  return writePage({ ...about, record, tests, otherErrors: otherErrors(vitest) }, place)
}

function hasFailed({ state }: Vitest): boolean {
  return (
    state.getTestModules().some((module) => !module.ok()) || state.getUnhandledErrors().length > 0
  )
}
