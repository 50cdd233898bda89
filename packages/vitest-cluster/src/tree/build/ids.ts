import { readFile } from 'node:fs/promises'
import type { Uids } from '../../definition/service-fields.ts'
import { ClusterError } from '../../errors.ts'
import { TREE_BASE } from '../../machine/owner.ts'
import { firstRange, parseRanges, userName } from '../../machine/subordinate.ts'

/** The owners of a tree's files on the host. */
export interface Ids {
  /** Whether accounts of a tree have different uids, or all files belong to the caller. */
  readonly uids: Uids
  /** The first uid of the range that root's trees belong to. */
  readonly base: number | undefined
}

/** How many uids a tree has (https://systemd.io/UIDS-GIDS). */
const NEEDED = 65_536

/**
 * The uids that this machine has for trees: root uses a fixed range, other users have the range of /etc/subuid, if any
 * (subuid(5)).
 * @throws ClusterError `ISOLATION_UNAVAILABLE` for a root who has no such range
 */
export async function machineIds(): Promise<Ids> {
  const uid = process.getuid?.() ?? 0
  if (uid === 0) {
    // Root of a container may have fewer uids than root of a machine
    if (!hasRange(await readFile('/proc/self/uid_map', 'utf8')))
      await needUids('one', 'trees that root makes')
    return { uids: 'many', base: TREE_BASE }
  }
  const files = await Promise.all(
    ['/etc/subuid', '/etc/subgid'].map((file) => readFile(file, 'utf8').catch(() => '')),
  )
  const enough = files.every(
    (text) => (firstRange(parseRanges(text), userName(uid), uid)?.count ?? 0) >= NEEDED,
  )
  return { uids: enough ? 'many' : 'one', base: undefined }
}

function hasRange(map: string): boolean {
  return map.split('\n').some((line) => {
    const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number)
    return first <= TREE_BASE && first + count >= TREE_BASE + NEEDED
  })
}

/**
 * Checks that a tree can have files of several accounts.
 * @param what the files of several accounts, for the message
 * @throws ClusterError `ISOLATION_UNAVAILABLE` if there is only one uid, with what the machine lacks
 */
export async function needUids(uids: Uids, what: string): Promise<void> {
  if (uids === 'many') return
  // Loaded when needed: it checks the whole machine
  const { noIsolation } = await import('../../doctor/explain.ts')
  const lack = await noIsolation('range')
  throw new ClusterError({
    code: 'ISOLATION_UNAVAILABLE',
    message: `${what} belong to several accounts, but only one uid is available${lack ? `: ${lack.found}` : ''}`,
    fix: lack?.fix ?? 'Run again.',
  })
}
