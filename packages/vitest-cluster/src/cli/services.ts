import { suggestService } from '../definition/nearest.ts'
import { ClusterError } from '../errors.ts'
import { own } from '../own.ts'
import type { LiveSession } from '../session/find.ts'

/** The named services of a session and those of the named hosts, or all services. @throws ClusterError `NO_SUCH_SERVICE` */
export function servicesOf({ id, record }: LiveSession, names: readonly string[]): string[] {
  const { hosts, services } = record.plan
  const all = Object.keys(services)
  const unknown = names.find((name) => !all.includes(name) && !Object.hasOwn(hosts, name))
  if (unknown === undefined) {
    const named = names.flatMap((name) => own(hosts, name)?.services ?? name)
    return names.length > 0 ? [...new Set(named)] : all
  }
  throw new ClusterError({
    code: 'NO_SUCH_SERVICE',
    message: `session ${id} has no service '${unknown}'`,
    fix: suggestService(unknown, [...all, ...Object.keys(hosts)]),
  })
}
