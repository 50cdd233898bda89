import { ClusterError, type ClusterErrorDetails } from '../errors.ts'
import { shortageOf } from '../shortage/explain.ts'
import { tally } from '../shortage/groups.ts'
import type { UnitState } from '../systemd/unit-state.ts'

const SIGKILL = 9

/** Tells of a service that was killed whether the kernel did, for its memory. */
export class MemoryWatch {
  readonly #cgroup: string
  #killed: number

  /** @param cgroup the session's */
  constructor(cgroup: string) {
    this.#cgroup = cgroup
    this.#killed = tally(cgroup).memory
  }

  /**
   * What a service's end means. systemd says it ('oom-kill') where its groups have the memory controller; elsewhere the
   * counter of who has it does. What the service wrote before is no reason for a signal.
   */
  explain(unit: UnitState | undefined, details: ClusterErrorDetails): ClusterErrorDetails {
    const { memory } = tally(this.#cgroup)
    const more = memory > this.#killed
    this.#killed = memory
    const { execMainCode: how, execMainStatus: status } = unit ?? {}
    // A shell ends with 128 and the signal that ended its program
    const byKill = (how === 2 && status === SIGKILL) || (how === 1 && status === 128 + SIGKILL)
    const said = more && byKill ? `${details.message} (oom-kill)` : ''
    return (shortageOf(new ClusterError(details), { said, cgroup: this.#cgroup }) ?? { details })
      .details
  }
}
