import type { Services } from '../definition/cluster.ts'
import type { Program } from '../definition/service.ts'
import { ClusterError } from '../errors.ts'
import { findProgram } from '../tree/host.ts'

/**
 * Finds every program that the services name, in the tree's PATH.
 * @returns absolute paths by the names that definitions use
 * @throws ClusterError `MISSING_PROGRAM` with the packages that have them
 */
export async function findPrograms(services: Services): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  const missing: { service: string; program: Program }[] = []
  for (const [service, definition] of Object.entries(services)) {
    for (const entry of definition.programs ?? []) {
      const program = typeof entry === 'string' ? { name: entry } : entry
      const path = await findProgram(program.name)
      if (path) found[program.name] = path
      else missing.push({ service, program })
    }
  }
  if (missing.length === 0) return found
  throw missingPrograms(missing)
}

function missingPrograms(missing: readonly { service: string; program: Program }[]): ClusterError {
  const names = [...new Set(missing.map(({ program }) => program.name))]
  const install = (tool: string, key: 'debian' | 'fedora' | 'arch') => {
    const packages = [...new Set(missing.map(({ program }) => program[key] ?? program.name))]
    return `${tool} ${packages.join(' ')}`
  }
  return new ClusterError({
    code: 'MISSING_PROGRAM',
    service: [...new Set(missing.map(({ service }) => service))].join(', '),
    message: `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} not installed`,
    mend: [
      `Debian, Ubuntu: ${install('sudo apt-get install --no-install-recommends', 'debian')}`,
      `Fedora:         ${install('sudo dnf install', 'fedora')}`,
      `Arch:           ${install('sudo pacman -S', 'arch')}`,
    ].join('\n'),
  })
}
