import type { ClusterErrorCode } from '../errors.ts'

/** A resource that has run out: a message with its limit and use, and how to get more. */
export interface Lack {
  readonly code: ClusterErrorCode
  readonly message: string
  readonly fix: string
}
