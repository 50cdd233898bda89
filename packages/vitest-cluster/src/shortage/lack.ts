import type { ClusterErrorCode } from '../errors.ts'

/** What ran out: in words with the limit and how much of it is used, and how there is more of it. */
export interface Lack {
  readonly code: ClusterErrorCode
  readonly message: string
  readonly fix: string
}
