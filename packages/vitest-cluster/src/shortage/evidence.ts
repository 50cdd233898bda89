import type { Space } from './disk.ts'
import type { Tally } from './groups.ts'

/** What is known besides the error. */
export interface Evidence {
  /** Where was being written, where anything was. */
  readonly directory?: string
  /** The space that it had when the error happened, where something has been removed since. */
  readonly space?: Space | undefined
  /** What other programs said, besides the error's own last lines. */
  readonly said?: string
  /** The counters of before ({@link tally}): what was refused since then may be why. */
  readonly before?: Tally | undefined
  /** The session's control group, where it has one of its own. */
  readonly cgroup?: string | undefined
  /** Who the programs run as, where that is not who runs this. */
  readonly uid?: number | undefined
  /** How there is room again, where it is not by another TMPDIR. */
  readonly room?: string
}

export function ownUid(): number {
  return process.getuid?.() ?? 0
}
