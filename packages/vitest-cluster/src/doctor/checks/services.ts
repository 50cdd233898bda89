import type { ClusterDefinition, Services } from '../../definition/cluster.ts'
import { dependencyNames } from '../../definition/dependencies.ts'
import type { ServiceDefinition } from '../../definition/service.ts'
import { findLibrary } from '../../machine/libraries.ts'
import { type Check, missing, ok, unneeded } from '../check.ts'
import { install } from '../fix.ts'
import { nameSources } from '../name-sources.ts'
import type { Need } from '../precondition.ts'
import { packagesOf, type ServiceProgram, servicePrograms } from '../service-programs.ts'

/** The preconditions that a definition's services add. Programs in a tree other than the host's are not checked. */
export async function serviceChecks(definition: ClusterDefinition | undefined): Promise<Check[]> {
  const services = definition?.services ?? {}
  const onHost = Object.keys(onHostPrograms(definition))
  const programs = await servicePrograms(services)
  const ofPrograms = programs.flatMap((one) => {
    const here = one.program.client || one.services.some((name) => onHost.includes(name))
    return here ? [programCheck(one)] : []
  })
  return [...ofPrograms, ...(onHost.length > 0 && definition ? libraryChecks(definition) : [])]
}

/** The libraries of sources that the definition names in nsswitch.conf(5). */
function libraryChecks(definition: ClusterDefinition): Check[] {
  return nameSources(definition).map(({ source, library, services, packages }) => ({
    id: `library:${library}`,
    what: `the source ${source} of nsswitch.conf(5)`,
    neededFor: (services.length > 0 ? services : Object.keys(definition.services)).map(
      (name): Need => `service:${name}`,
    ),
    check: async () => {
      const path = findLibrary(library)
      return path ? ok(path) : missing('not installed', install([packages]))
    },
  }))
}

/** The services that use the host's programs. */
export function onHostPrograms({ services, tree }: Partial<ClusterDefinition> = {}): Services {
  const treeOf = (service: ServiceDefinition) => service.tree ?? tree
  return Object.fromEntries(
    Object.entries(services ?? {}).filter(
      ([, each]) => (treeOf(each)?.base.kind ?? 'host') === 'host',
    ),
  )
}

function programCheck({ program, services, path }: ServiceProgram): Check {
  return {
    id: `program:${program.name}`,
    what: `a program of ${services.join(', ')}, in the tree's PATH`,
    neededFor: services.map((name): Need => `service:${name}`),
    check: async () => (path ? ok(path) : missing('not installed', install([packagesOf(program)]))),
  }
}

/** nss-systemd provides logins that exist only in LDAP; it reads their records from the ssh service. */
export function nssSystemd(services: Services | undefined): Check {
  const ssh = Object.entries(services ?? {}).flatMap(([name, { kind, dependsOn }]) =>
    kind === 'ssh' && dependencyNames(dependsOn).length > 0 ? [name] : [],
  )
  const users = services ? ssh : ['ssh']
  return {
    id: 'nss-systemd',
    what: 'nss-systemd(8), for ssh logins of users that exist only in LDAP',
    neededFor: users.map((name): Need => `service:${name}`),
    async check() {
      const path = findLibrary('libnss_systemd.so.2')
      if (path) return ok(path)
      if (users.length === 0)
        return unneeded('not installed, and no ssh service uses logins of another service')
      return missing(
        'none',
        install([{ debian: 'libnss-systemd', fedora: 'systemd-libs', arch: 'systemd-libs' }]),
      )
    },
  }
}
