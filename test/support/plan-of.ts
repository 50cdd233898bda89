import type { SessionPlan } from '../../packages/vitest-cluster/src/plan/session-plan.ts'

/** The plan of a session from the public API, whose type does not have it. */
export function planOf(session: object): SessionPlan {
  return (session as { plan: SessionPlan }).plan
}
