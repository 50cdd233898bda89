import type { Wanted } from '../machine/wanted.ts'
import type { Check, Finding } from './check.ts'
import type { Need, Precondition } from './precondition.ts'
import type { Probe } from './probe.ts'

/** Carries out checks, all at once. */
export function examine(checks: readonly Check[], probe: Probe): Promise<Precondition[]> {
  return Promise.all(checks.map(async (one) => judge(one, await one.check(probe), probe.wanted)))
}

/**
 * What a finding means for this user: what is only for a manager that his sessions do not run under is not missed,
 * and what is for theirs is for every session. Where neither manager can be had, both are wanted.
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
