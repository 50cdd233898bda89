import { join } from 'node:path'
import type { Vitest } from 'vitest/node'
import { renderOpening } from '../report/chain.ts'
import { invitation } from '../session/keep.ts'
import { keepLogs } from '../session/kept-logs.ts'
import type { Session } from '../session/session.ts'
import { isEnding } from './signals.ts'
import type { ResolvedWishes } from './wishes.ts'

/** Where logs of failed runs are kept: in the directory that Vitest's own output is in. */
export function keptPlace(vitest: Vitest): string {
  return join(vitest.config.root, '.vitest', 'cluster')
}

/** Prints how a session started. */
export async function printTiming(session: Session, vitest: Vitest): Promise<void> {
  const lines = renderOpening(await session.opening())
  vitest.logger.log(
    [`vitest-cluster: session ${session.id} ${lines[0]}`, ...lines.slice(1)].join('\n'),
  )
}

/** Ends a session after its run, or leaves it up where that was wished and the run failed. Says what was kept. */
export async function finish(
  session: Session,
  vitest: Vitest,
  wishes: ResolvedWishes,
): Promise<void> {
  if (isEnding() || !hasFailed(vitest)) return session.close()
  const say = (text: string) => vitest.logger.log(text)
  const logs = await keepLogs(session.info.directory, keptPlace(vitest)).catch((error) => {
    say(`vitest-cluster: cannot keep the logs: ${error}`)
  })
  if (logs) say(`vitest-cluster: all logs of session ${session.id}: ${logs}`)
  if (wishes.keep === undefined) return session.close()
  await session.detach(wishes.keep)
  say(invitation(session.info, wishes.keep))
}

function hasFailed({ state }: Vitest): boolean {
  return (
    state.getTestModules().some((module) => !module.ok()) || state.getUnhandledErrors().length > 0
  )
}
