import type { Space } from './disk.ts'
import type { Tally } from './groups.ts'

/** Further facts that help to find the cause of an error. */
export interface Evidence {
  /** The directory that was written to, if any. */
  readonly directory?: string
  /** The free space of the directory at the time of the error, if files were removed since. */
  readonly space?: Space | undefined
  /** Output of programs, in addition to the log lines of the error. */
  readonly said?: string
  /** The counters ({@link tally}) before the work began: a refusal since then may be the cause. */
  readonly before?: Tally | undefined
  /** The session's own control group, if it has one. */
  readonly cgroup?: string | undefined
  /** The uid of the programs, if it is not that of this process. */
  readonly uid?: number | undefined
  /** The fix for a full disk, if it is not another TMPDIR. */
  readonly room?: string
}

export function ownUid(): number {
  return process.getuid?.() ?? 0
}
