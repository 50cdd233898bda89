import { SYSCALL_GROUPS } from '../definition/check-unit.ts'
import { ClusterError } from '../errors.ts'
import { own } from '../own.ts'
import type { ServicePlan } from '../plan/session-plan.ts'
import type { Manager } from '../systemd/manager.ts'

/**
 * Refuses what a unit was to deny and systemd left out: it ignores calls that it does not know, with no more than a line
 * in its log. Its own answer is the list that counts, for which calls there are differs with systemd, libseccomp and
 * the kernel's headers.
 */
export async function deniedCallsProblem(
  manager: Manager,
  { name: service, unit: { name: unit, settings } }: ServicePlan,
): Promise<ClusterError | undefined> {
  const wanted = settings.SystemCallFilter?.deny
  if (!wanted) return undefined
  const answer = (await manager.properties(unit, 'Service', ['SystemCallFilter']))?.[
    'SystemCallFilter'
  ]
  const unknown = unknownCalls(wanted, (answer as [boolean, readonly string[]] | undefined)?.[1])
  if (unknown.length === 0) return undefined
  return new ClusterError({
    code: 'INVALID_DEFINITION',
    service,
    unit,
    message: `denies system calls that this systemd does not know: ${unknown.join(', ')}`,
    fix: 'systemd-analyze syscall-filter @known lists those that it knows; correct the names in SystemCallDeny, or leave them out.',
  })
}

/** What was asked for and is not among what the filter has. Pure. */
export function unknownCalls(wanted: readonly string[], has: readonly string[] = []): string[] {
  const calls = new Set(has.map(nameOf))
  return wanted.filter((each) => {
    const name = nameOf(each)
    return !calls.has(own(SYSCALL_GROUPS, name) ?? name)
  })
}

/** `setgroups:EPERM` -> `setgroups` */
function nameOf(call: string): string {
  return call.split(':')[0] ?? call
}
