import type { ClusterErrorDetails } from '../errors.ts'
import type { SessionInfo } from '../session/info.ts'

/** The keys by which the run's process and its workers exchange data (Vitest's provide and inject). */
export const SESSION = 'vitest-cluster:session'
export const CONFIG = 'vitest-cluster:config'

/** A session, or why there is none. */
export type ProvidedSession =
  | { readonly info: SessionInfo }
  | { readonly error: ClusterErrorDetails }

declare module 'vitest' {
  interface ProvidedContext {
    [SESSION]: ProvidedSession
    [CONFIG]: string
  }
}
