import { isHostName } from '../definition/check-names.ts'
import type { Services } from '../definition/cluster.ts'
import type { NameSources, NamesOptions } from '../definition/names.ts'
import { own } from '../own.ts'

/** A line of hosts(5): an address, and the names that have it. The first name is the canonical one. */
export type HostsLine = readonly [address: string, names: readonly string[]]

export interface HostNames {
  /** The services' names, which are 127.0.0.1 unless they are in `addresses`. */
  readonly hostNames: readonly string[]
  /** The cluster's hosts with their services. */
  readonly addresses: readonly HostsLine[]
  /** The names that the definition gives, with their addresses. */
  readonly hosts: Readonly<Record<string, string>>
  /** Names that gethostname(2) returns in a tree: programs such as sudo look them up. */
  readonly machines: readonly string[]
}

/** The lines of hosts(5). Pure. */
export function hostsLines({ hostNames, addresses, hosts, machines }: HostNames): HostsLine[] {
  const elsewhere = addresses.flatMap(([, names]) => names)
  const services = hostNames
    .filter((name) => !elsewhere.includes(name))
    .map((name) => name.toLowerCase())
  const lines: HostsLine[] = [
    ['127.0.0.1', ['localhost', ...services]],
    ['::1', ['localhost']],
    ...addresses.map(
      ([address, names]): HostsLine => [address, names.map((each) => each.toLowerCase())],
    ),
    ...Object.entries(hosts).map(([name, address]): HostsLine => [address, [name]]),
  ]
  const taken = new Set(lines.flatMap(([, names]) => names.map((name) => name.toLowerCase())))
  for (const machine of machines) {
    const names = namesOfMachine(machine).filter((name) => !taken.has(name.toLowerCase()))
    if (names.length > 0) lines.push(['127.0.0.1', names])
    for (const name of names) taken.add(name.toLowerCase())
  }
  return lines
}

/** The name of a machine and its first label, if they can be looked up. */
export function namesOfMachine(machine: string): string[] {
  const [label = ''] = machine.split('.')
  return [...new Set([machine, label])].filter(isHostName)
}

/** hosts(5). */
export function hosts(lines: readonly HostsLine[]): string {
  return lines.map(([address, names]) => `${address} ${names.join(' ')}\n`).join('')
}

/** The databases that a session's nsswitch.conf(5) has in any case. */
const DATABASES = ['passwd', 'group', 'shadow', 'hosts', 'services', 'protocols']

/**
 * The sources of a session's databases: the definition's, or those of the session and of services. Pure.
 * @param dns whether names are looked up as on the host
 */
export function nameSources(services: Services, names: NamesOptions, dns: boolean): NameSources {
  const ofServices = Object.values(services).map(({ nsswitch = {} }) => nsswitch)
  const databases = new Set([
    ...DATABASES,
    ...ofServices.flatMap((sources) => Object.keys(sources)),
    ...Object.keys(names.nsswitch ?? {}),
  ])
  const last: NameSources = { passwd: ['systemd'], hosts: dns ? ['dns'] : [] }
  const lines = [...databases].map((database) => {
    const sources = ['files', ...ofServices.flatMap((each) => own(each, database) ?? [])]
    const all = [...new Set([...sources, ...(own(last, database) ?? [])])]
    return [database, own(names.nsswitch ?? {}, database) ?? all] as const
  })
  return Object.fromEntries(lines)
}

/** nsswitch.conf(5). */
export function nsswitch(sources: NameSources): string {
  const lines = Object.entries(sources).map(
    ([database, words]) => `${database}: ${words.join(' ')}\n`,
  )
  return lines.join('')
}
