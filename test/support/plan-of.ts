import type { SessionPlan } from '../../packages/vitest-cluster/src/plan/session-plan.ts'

/** The plan of a session that was opened by the public API, whose type does not show it. */
export function planOf(session: object): SessionPlan {
  return (session as { plan: SessionPlan }).plan
}
