import type { ClusterErrorDetails } from '../errors.ts'
import type { SessionPlan } from '../plan/session-plan.ts'

/** The keys by which the run's process and its workers exchange data (Vitest's provide and inject). */
export const SESSION = 'vitest-cluster:session'
export const CONFIG = 'vitest-cluster:config'
export const WISHES = 'vitest-cluster:wishes'

/** A session that is up, and the file of its cluster. */
export interface OpenSession {
  readonly plan: SessionPlan
  readonly config: string
}

/** A session, or why there is none. */
export type ProvidedSession = OpenSession | { readonly error: ClusterErrorDetails }

/** What the plugin was asked for besides; the environment may ask for it too. */
export interface Wishes {
  /** Leave the session up when the run failed: for 30 minutes, or for as long as it says (`'90s'`, `'2h'`). */
  readonly keepOnFailure?: boolean | string
  /** Print how the session started: phases, services, the critical chain (`VITEST_CLUSTER_TIMING=1`). */
  readonly timing?: boolean
  /** Write the report page of a run that passed, too (`VITEST_CLUSTER_REPORT=1`); a failed run has one anyway. */
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
    [WISHES]: Wishes
  }
}
