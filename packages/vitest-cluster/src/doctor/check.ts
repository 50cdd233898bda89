import type { Fix } from './fix.ts'
import type { Need, PreconditionId, PreconditionStatus } from './precondition.ts'
import type { Probe } from './probe.ts'

/** The result of one check. */
export interface Finding {
  readonly status: PreconditionStatus
  readonly found: string
  readonly fix?: Fix
}

/** One precondition: what it is, what needs it, and how it is checked. */
export interface Check {
  readonly id: PreconditionId
  readonly what: string
  /** {@link examine} adds `session` if the check is for the manager that runs this user's sessions. */
  readonly neededFor: readonly Need[]
  check(probe: Probe): Promise<Finding>
}

export function ok(found: string): Finding {
  return { status: 'ok', found }
}

export function missing(found: string, fix: Fix): Finding {
  return { status: 'missing', found, fix }
}

export function warning(found: string, fix: Fix): Finding {
  return { status: 'warning', found, fix }
}

export function unneeded(found: string): Finding {
  return { status: 'unneeded', found }
}
