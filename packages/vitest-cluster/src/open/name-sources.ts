import type { ClusterDefinition } from '../definition/cluster.ts'
import { fixLines, install } from '../doctor/fix.ts'
import { type NameSource, nameSources } from '../doctor/name-sources.ts'
import { ClusterError } from '../errors.ts'
import { findLibrary } from '../machine/libraries.ts'
import type { FoundTrees } from './trees.ts'

/**
 * Checks that programs can load the sources of nsswitch.conf(5) that a definition names: the C library skips a source
 * without its library, and no message says so. Trees of services may lack it: most services look up no users.
 * @throws ClusterError `MISSING_PROGRAM`
 */
export function checkNameSources(cluster: ClusterDefinition, { main, own }: FoundTrees): void {
  const inMain = Object.values(cluster.services).some(({ tree }) => !tree)
  const trees = inMain ? [main] : Object.values(own)
  for (const source of nameSources(cluster)) {
    if (trees.some(({ path }) => findLibrary(source.library, path))) continue
    const onHost = trees.every(({ built }) => !built)
    throw missing(source, onHost)
  }
}

function missing({ source, database, library, services, packages }: NameSource, onHost: boolean) {
  const { debian, fedora } = packages
  return new ClusterError({
    code: 'MISSING_PROGRAM',
    service: services.length > 0 ? services.join(', ') : undefined,
    message: `the database ${database} has the source ${source} (nsswitch.conf), but its library ${library} is not installed${onHost ? '' : " in the cluster's tree"}`,
    fix: onHost
      ? fixLines(install([packages])).join('\n')
      : `Add a layer to a tree of Debian or Ubuntu: packages(['${debian}'])\nTo a tree of Fedora: packages(['${fedora}'])`,
  })
}
