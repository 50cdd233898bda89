import { expect } from 'vitest'
import { type ClusterErrorDetails, isClusterError } from '../../src/errors.ts'

/** The details of the ClusterError that a pure function throws. */
export function refusal(run: () => unknown): ClusterErrorDetails {
  let thrown: unknown
  try {
    run()
  } catch (error) {
    thrown = error
  }
  if (isClusterError(thrown)) return thrown.details
  throw thrown ?? expect.unreachable('nothing was thrown')
}
