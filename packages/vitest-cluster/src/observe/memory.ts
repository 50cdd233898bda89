import { ClusterError, type ClusterErrorDetails } from '../errors.ts'
import { shortageOf } from '../shortage/explain.ts'
import { tally } from '../shortage/groups.ts'
import type { UnitState } from '../systemd/unit-state.ts'

const SIGKILL = 9

/** Finds out whether the kernel killed a service for lack of memory. */
export class MemoryWatch {
  readonly #cgroup: string
  #killed: number

  /** @param cgroup the session's */
  constructor(cgroup: string) {
    this.#cgroup = cgroup
    this.#killed = tally(cgroup).memory
  }

  /**
   * Adds lack of memory as the cause of a service's end. systemd itself reports it ('oom-kill') where the service's
   * control group has the memory controller; elsewhere the counter of the nearest group with the controller shows it.
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
