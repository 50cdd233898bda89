import type { SessionFacts } from '../plan/context.ts'
import type { UnitSurroundings } from '../plan/sandbox.ts'

/** Everything that another process of the same user needs to use a session. Plain data. */
export interface SessionInfo {
  readonly facts: SessionFacts
  readonly surroundings: UnitSurroundings
  /** The manager's bus. */
  readonly address: string
  /** Where the manager's control groups are, on the host. */
  readonly cgroup: string
  /** The session's directory on the host, to read logs in. What others write there is nobody's in the session. */
  readonly directory: string
  /** Holds a file for everything that died while the session was up. */
  readonly status: string
  readonly units: Readonly<Record<string, ServiceUnit>>
}

export interface ServiceUnit {
  readonly unit: string
  readonly log: string
  readonly deny: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** The account that programs of `exec` run as, and their group. */
  readonly user: string | undefined
  readonly group: string | undefined
}
