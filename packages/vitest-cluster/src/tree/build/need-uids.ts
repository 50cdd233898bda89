import type { Uids } from '../../definition/service.ts'
import { ClusterError } from '../../errors.ts'

/**
 * Sees that a tree can have files of several accounts.
 * @param what has such files
 * @throws ClusterError `ISOLATION_UNAVAILABLE` where there is one uid, with what the machine lacks
 */
export async function needUids(uids: Uids, what: string): Promise<void> {
  if (uids === 'many') return
  // Loaded when needed: it looks at the whole machine
  const { noIsolation } = await import('../../doctor/explain.ts')
  const lack = await noIsolation('range')
  throw new ClusterError({
    code: 'ISOLATION_UNAVAILABLE',
    message: `${what} belong to several accounts, and you have one uid here: ${lack?.found ?? 'until just now'}`,
    mend: lack?.mend ?? 'Run again.',
  })
}
