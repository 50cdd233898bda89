import type { PortNumbers } from '../definition/named-ports.ts'
import type { ClusterErrorDetails } from '../errors.ts'
import type { SessionPlan } from '../plan/session-plan.ts'

/** Keys of the data that the run's process passes to its workers (Vitest's provide and inject). */
export const SESSION = 'vitest-cluster:session'
export const CONFIG = 'vitest-cluster:config'
export const PORTS = 'vitest-cluster:ports'
export const WISHES = 'vitest-cluster:wishes'

/** A session that is up, and the file of its definition. */
export interface OpenSession {
  readonly plan: SessionPlan
  readonly config: string
}

/** A session, or the error with which it did not open. */
export type ProvidedSession = OpenSession | { readonly error: ClusterErrorDetails }

/** Further options of the plugin. An environment variable can set each of them, too. */
export interface Wishes {
  /** Leave the session up after a failed run: `true` for 30 minutes, or a duration such as `'90s'` or `'2h'`. */
  readonly keepOnFailure?: boolean | string
  /** Print how the session started: phases, services, the critical chain (`VITEST_CLUSTER_TIMING=1`). */
  readonly timing?: boolean
  /** Write the report page also after a run that passed (`VITEST_CLUSTER_REPORT=1`). After a failed run it is always written. */
  readonly report?: boolean
  /**
   * Set the handles' variables (`LDAP_URL`, …) in `process.env` of the workers, and of the main process for `globalSetup`
   * files of the project (`VITEST_CLUSTER_ENV=1`).
   */
  readonly env?: boolean
}

declare module 'vitest' {
  interface ProvidedContext {
    [SESSION]: ProvidedSession
    [CONFIG]: string
    [PORTS]: PortNumbers
    [WISHES]: Wishes
  }
}
