import { ClusterError, type ClusterErrorCode } from '../errors.ts'

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
  throw new ClusterError({ code, service, message, mend })
}
