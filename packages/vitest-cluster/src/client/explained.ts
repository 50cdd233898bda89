import { open, stat } from 'node:fs/promises'
import type { SessionPlan } from '../plan/session-plan.ts'
import { shortageOf } from '../shortage/explain.ts'
import { tally } from '../shortage/groups.ts'

/** How much of what a manager wrote meanwhile is read. */
const SAID = 16 * 1024

/**
 * A use of a session that says what ran out, where that is why it failed: in this process, for a program or for the
 * manager, whose own words of meanwhile are read.
 */
export function explained<Given extends readonly unknown[], Result>(
  { paths, manager: { cgroup }, owner: { uid } }: SessionPlan,
  work: (...given: Given) => Promise<Result>,
): (...given: Given) => Promise<Result> {
  const { directory, managerLog: log } = paths
  return async (...given) => {
    const before = tally(cgroup)
    const from = await lengthOf(log)
    try {
      return await work(...given)
    } catch (error) {
      const said = await readFrom(log, from).catch(() => '')
      throw shortageOf(error, { directory, said, before, cgroup, uid }) ?? error
    }
  }
}

/** Of a session under the user's own manager there is none. */
async function lengthOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}

async function readFrom(path: string, offset: number): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SAID), 0, SAID, offset)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
