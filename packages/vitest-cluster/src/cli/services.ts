import { suggestService } from '../definition/nearest.ts'
import { ClusterError } from '../errors.ts'
import type { LiveSession } from '../session/find.ts'

/** The named services of a session, or all of them. @throws ClusterError `NO_SUCH_SERVICE` */
export function servicesOf({ id, record }: LiveSession, names: readonly string[]): string[] {
  const all = Object.keys(record.plan.services)
  const unknown = names.find((name) => !all.includes(name))
  if (unknown === undefined) return names.length > 0 ? [...names] : all
  throw new ClusterError({
    code: 'NO_SUCH_SERVICE',
    message: `session ${id} has no service '${unknown}'`,
    fix: suggestService(unknown, all),
  })
}
