import { open, stat } from 'node:fs/promises'
import type { SessionPlan } from '../plan/session-plan.ts'
import { shortageOf } from '../shortage/explain.ts'
import { tally } from '../shortage/groups.ts'

/** How many bytes of the manager's log are read. */
const LOG_BYTES = 16 * 1024

/**
 * Wraps a use of a session: if it fails because a resource has run out, the error says which. The resource may have run
 * out in this process, for a program, or for the manager, whose log since the start of the use is read.
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

/** 0 under the user's own manager: the session has no log of it. */
async function lengthOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}

async function readFrom(path: string, offset: number): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOG_BYTES), 0, LOG_BYTES, offset)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
