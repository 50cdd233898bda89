/** A program of supervisord, and the service that it is here. */
export interface Supervised {
  /** As supervisorctl prints it: `kafka`, `vcsreplicator:2`. */
  readonly label: string
  /** The service's name on its host; undefined if there is none. */
  readonly service: string | undefined
}

/** What `supervisorctl` is asked for. */
export interface SupervisorCall {
  readonly action: 'start' | 'stop' | 'restart' | 'status'
  readonly programs: readonly Supervised[]
}

const ACTIONS = ['start', 'stop', 'restart', 'status'] as const

/** The groups of supervisord in the Docker cluster: their processes have a number each, as the services here. */
const GROUPS = ['vcsreplicator']

/**
 * Reads the command line of a program, if it is supervisorctl. Pure.
 * @param services the names of the services of the host: `vcsreplicator-2` for `vcsreplicator:2`, `moto-s3` for `moto_s3`
 * @returns undefined for another program; text for words that are not understood
 */
export function supervisorCall(
  [program = '', given = '', ...names]: readonly string[],
  services: readonly string[],
): SupervisorCall | string | undefined {
  if (!/^(\/usr(\/local)?\/bin\/)?supervisorctl$/.test(program)) return undefined
  const action = ACTIONS.find((each) => each === given)
  if (!action) return `supervisorctl ${given}: only ${ACTIONS.join(', ')} are answered here`
  if (names.length === 0 && action !== 'status') return `Error: ${action} requires a process name`
  const all = names.length === 0 || names.includes('all')
  const programs = all
    ? services.map((service) => ({ label: labelOf(service), service }))
    : names.flatMap((name) => named(name, services))
  return { action, programs }
}

function named(name: string, services: readonly string[]): Supervised[] {
  const [, group = ''] = /^(.*):\*$/.exec(name) ?? []
  const found = services.filter((service) =>
    group ? labelOf(service).startsWith(`${group}:`) : isNamed(service, name),
  )
  if (found.length === 0) return [{ label: name, service: undefined }]
  return found.map((service) => ({ label: group ? labelOf(service) : name, service }))
}

function isNamed(service: string, name: string): boolean {
  return service === name.replaceAll(/[:_]/g, '-')
}

function labelOf(service: string): string {
  const group = GROUPS.find((each) => new RegExp(`^${each}-\\d+$`).test(service))
  return group ? `${group}:${service.slice(group.length + 1)}` : service
}
