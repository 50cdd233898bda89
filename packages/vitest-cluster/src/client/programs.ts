import { suggestService } from '../definition/nearest.ts'
import { ClusterError } from '../errors.ts'
import type { ExecService } from '../exec/exec.ts'
import { own } from '../own.ts'
import { type HostPlan, type SessionPlan, serviceOf } from '../plan/session-plan.ts'
import { SESSION } from '../root/accounts.ts'

/** A service, or a host, that programs run beside. @throws ClusterError `NO_SUCH_SERVICE` */
export function programsOf(plan: SessionPlan, name: string): ExecService {
  if (!Object.hasOwn(plan.hosts, name)) return serviceOf(plan, name)
  const HOME = own(plan.accounts.users, SESSION)?.home ?? '/'
  return { name, user: undefined, group: undefined, env: { HOME }, deny: [], cwd: '/' }
}

/** A host of a session. @throws ClusterError `NO_SUCH_SERVICE` */
export function hostOfPlan({ hosts, services }: SessionPlan, name: string): HostPlan {
  const host = own(hosts, name)
  if (host) return host
  throw new ClusterError({
    code: 'NO_SUCH_SERVICE',
    message: `the session has no host '${name}'`,
    fix: suggestService(name, [...Object.keys(hosts), ...Object.keys(services)]),
  })
}
