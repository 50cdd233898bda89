import { ClusterError, type ClusterErrorCode, isClusterError, messageOf } from '../errors.ts'
import { clipped } from './shown.ts'

/** Refuses a part of a service. */
export type Refuse = (what: string, mend: string) => never

/** Refuses parts of a service by its name. */
export function refuseFor(service: string | undefined): Refuse {
  return (what, mend) => fail('INVALID_DEFINITION', service, what, mend)
}

export function fail(
  code: ClusterErrorCode,
  service: string | undefined,
  message: string,
  mend: string,
): never {
  throw new ClusterError({ code, service, message: clipped(message), mend: clipped(mend) })
}

/** Checks something that may throw when it is looked at: a getter, a Proxy. @throws ClusterError and nothing else */
export function reading<T>(what: string, service: string | undefined, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (isClusterError(error)) throw error
    throw new ClusterError(
      {
        code: 'INVALID_DEFINITION',
        service,
        message: `${what} cannot be read: ${messageOf(error)}`,
        mend: 'Write plain objects, without getters that throw.',
      },
      { cause: error },
    )
  }
}
