import type { Services } from '../definition/cluster.ts'
import { install, mendLines } from '../doctor/mend.ts'
import { packagesOf, type ServiceProgram, servicePrograms } from '../doctor/service-programs.ts'
import { ClusterError } from '../errors.ts'

/**
 * Finds every program that the services name, in the tree's PATH.
 * @returns absolute paths by the names that definitions use
 * @throws ClusterError `MISSING_PROGRAM` with the packages that have them
 */
export async function findPrograms(services: Services): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  const missing: ServiceProgram[] = []
  for (const one of await servicePrograms(services)) {
    if (one.path) found[one.program.name] = one.path
    else missing.push(one)
  }
  if (missing.length === 0) return found
  throw missingPrograms(missing)
}

function missingPrograms(missing: readonly ServiceProgram[]): ClusterError {
  const names = missing.map(({ program }) => program.name)
  return new ClusterError({
    code: 'MISSING_PROGRAM',
    service: [...new Set(missing.flatMap(({ services }) => services))].join(', '),
    message: `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} not installed`,
    // For every distribution: who reads it may not be on the machine that lacks them
    mend: mendLines(install(missing.map(({ program }) => packagesOf(program)))).join('\n'),
  })
}
