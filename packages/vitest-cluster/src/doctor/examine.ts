import type { Wanted } from '../machine/wanted.ts'
import type { Check, Finding } from './check.ts'
import type { Need, Precondition } from './precondition.ts'
import type { Probe } from './probe.ts'

/** Runs checks, all at once. */
export function examine(checks: readonly Check[], probe: Probe): Promise<Precondition[]> {
  return Promise.all(checks.map(async (one) => judge(one, await one.check(probe), probe.wanted)))
}

/**
 * The precondition for this user: a check for a manager that does not run the user's sessions is not needed, and one for
 * the manager that does is needed for every session. If no manager is available, both are needed.
 */
export function judge(
  { id, what, neededFor }: Pick<Check, 'id' | 'what' | 'neededFor'>,
  finding: Finding,
  wanted: Wanted | undefined,
): Precondition {
  const managers: Need[] = wanted ? [`${wanted} manager`] : ['user manager', 'private manager']
  const used = neededFor.filter((need) => !need.endsWith(' manager') || managers.includes(need))
  const forSession = neededFor.some((need) => managers.includes(need))
  const needs: readonly Need[] = forSession
    ? [...new Set<Need>(['session', ...neededFor])]
    : neededFor
  const unused = finding.status === 'missing' && used.length === 0
  return { id, what, ...finding, status: unused ? 'unneeded' : finding.status, neededFor: needs }
}
