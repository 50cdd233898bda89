import type { Fix } from './fix.ts'
import type { Need, PreconditionId, PreconditionStatus } from './precondition.ts'
import type { Probe } from './probe.ts'

/** What one check saw. */
export interface Finding {
  readonly status: PreconditionStatus
  readonly found: string
  readonly fix?: Fix
}

/** One precondition: what it is, what for, and how it is seen. */
export interface Check {
  readonly id: PreconditionId
  readonly what: string
  /** `session` is added by {@link examine} to what is for the manager that this user's sessions run under. */
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
