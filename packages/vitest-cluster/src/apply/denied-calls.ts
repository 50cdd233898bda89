import { SYSCALL_GROUPS } from '../definition/check-unit.ts'
import { ClusterError } from '../errors.ts'
import { own } from '../own.ts'
import type { ServicePlan } from '../plan/session-plan.ts'
import type { Manager } from '../systemd/manager.ts'

/**
 * The error for denied system calls that are not in the unit's filter: systemd ignores calls that it does not know, and
 * only logs a line. The filter is read from systemd, since the known calls differ with systemd, libseccomp and the
 * kernel's headers.
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
    fix: 'Correct these names in SystemCallDeny, or remove them. systemd-analyze syscall-filter @known lists the known calls.',
  })
}

/** The wanted calls that the filter lacks. Pure. */
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
