import { posix } from 'node:path'
import { own } from '../own.ts'
import { NAME } from './check-fields.ts'
import { checkTree } from './check-tree.ts'
import type { Services } from './cluster.ts'
import { type HostDefinition, type HostInput, type Hosts, serviceOnHost } from './host.ts'
import { fail, type Refuse, refuseFor, shown } from './refuse.ts'
import { absolutePath, type Check, list, matching, object, optional } from './schema.ts'
import type { ServiceDefinition } from './service.ts'
import type { TreeDefinition } from './tree.ts'
import { isPlain } from './words.ts'

const HOSTS = "Write hosts: { web0: { directories: ['/var/log'], services: { sshd: ssh() } } }."
const ADDRESS = 'Use an address of 127.0.0.0/8 other than 127.0.0.1, such as 127.0.1.1.'
const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const LOOPBACK = new RegExp(`^(?!127\\.(0\\.0\\.[01]|255\\.255\\.255)$)127(\\.${OCTET}){3}$`)
/** Properties of a host's handle, besides its services. */
const TAKEN = ['address', 'exec', 'kill', 'log', 'name', 'restart', 'services', 'start', 'stop']
/** Directories of the session that hosts share, also one with the directory `/`. */
const SHARED = ['/run']
/** Directories that the kernel or the session fills, with everything below them. */
const NOT_COPIED = ['/dev', '/proc', '/sys', '/srv', '/run/systemd', '/run/user']

const directories: Check<readonly string[]> = (value, name, refuse) => {
  const paths = list(absolutePath("Write directories: ['/var/log'], or ['/'] for all."), HOSTS)(
    value,
    name,
    refuse,
  ).map((path) => posix.normalize(path).replace(/(?<=.)\/+$/, ''))
  for (const path of paths) checkDirectory(path, paths, name, refuse)
  return paths
}

function checkDirectory(path: string, all: readonly string[], name: string, refuse: Refuse): void {
  const reserved = NOT_COPIED.find((each) => isIn(path, each))
  if (reserved === '/srv')
    refuse(`${name} has ${shown(path)}`, 'Remove it: /srv/NAME is the own directory of a service.')
  if (reserved || path === '/run')
    refuse(
      `${name} has ${shown(path)}, which every session makes for itself`,
      'Remove it, or give directories below /run, such as /run/apache2.',
    )
  if (/['"]/.test(path))
    refuse(
      `${name} has ${shown(path)}, which has a quote in it`,
      'systemd cannot mount such a path.',
    )
  if (all.filter((each) => each === path).length > 1)
    refuse(`${name} has ${shown(path)} twice`, 'Remove one.')
  const isShared = SHARED.some((each) => isIn(path, each))
  const above = all.find((each) => each !== path && isIn(path, each) && !(isShared && each === '/'))
  if (above)
    refuse(`${name} has ${shown(path)}, which is below ${shown(above)}`, `Remove ${shown(path)}.`)
}

function isIn(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`)
}

const tree: Check<TreeDefinition> = (value, name, refuse) => {
  checkTree(value, name, refuse)
  return value as TreeDefinition
}

const services: Check<Services | readonly string[]> = (value, name, refuse) =>
  isPlain(value) || Array.isArray(value)
    ? (value as Services | readonly string[])
    : refuse(`${name} is ${shown(value)}, which is not an object`, HOSTS)

const HOST = object<Omit<HostInput, 'services'> & { services?: Services | readonly string[] }>(
  {
    address: optional(matching('an address that a host can have', LOOPBACK, ADDRESS)),
    directories: optional(directories),
    tree: optional(tree),
    services: optional(services),
  },
  HOSTS,
)

/** The hosts of a definition, and their services by the names that these have in the cluster. */
export interface CheckedHosts {
  readonly hosts: Hosts
  readonly services: Services
}

/** Checks the hosts that a user wrote. @throws ClusterError `INVALID_DEFINITION`, `INVALID_NAME`, `DUPLICATE_SERVICE` */
export function checkedHosts(given: unknown): CheckedHosts {
  const refuse = refuseFor(undefined)
  if (given === undefined) return { hosts: {}, services: {} }
  if (!isPlain(given)) return refuse(`hosts is ${shown(given)}, which is not an object`, HOSTS)
  const hosts: Record<string, HostDefinition> = {}
  const flat: Record<string, ServiceDefinition> = {}
  for (const [name, input] of Object.entries(given)) {
    checkHostName(name)
    const { services = {}, ...host } = HOST(input, `hosts.${name}`, refuse)
    // Of a cluster that was defined before, the names
    const names = isNames(services)
      ? services
      : Object.entries(services).map(([service, definition]) => {
          const full = fullName(name, service)
          flat[full] = definition
          return full
        })
    hosts[name] = { ...host, services: names }
  }
  checkAddresses(hosts)
  return { hosts, services: flat }
}

function isNames(services: Services | readonly string[]): services is readonly string[] {
  return Array.isArray(services)
}

function checkAddresses(hosts: Hosts): void {
  const seen = new Map<string, string>()
  for (const [name, { address }] of Object.entries(hosts)) {
    if (address === undefined) continue
    const other = seen.get(address)
    if (other)
      refuseFor(undefined)(`the hosts ${other} and ${name} have the address ${address}`, ADDRESS)
    seen.set(address, name)
  }
}

/** Checks that no host has the name of another host or of a service. @throws ClusterError `DUPLICATE_SERVICE` */
export function checkHostNames(hosts: Hosts, services: Services): void {
  const lower = new Map(Object.keys(services).map((name) => [name.toLowerCase(), name]))
  for (const name of Object.keys(hosts)) {
    const other = lower.get(name.toLowerCase())
    if (other !== undefined)
      fail(
        'DUPLICATE_SERVICE',
        other,
        `has the same host name as the host ${name}: host names are case-insensitive`,
        'Rename one of them.',
      )
    lower.set(name.toLowerCase(), name)
    const missing = hosts[name]?.services.find((each) => own(services, each) === undefined)
    if (missing !== undefined)
      fail('UNKNOWN_DEPENDENCY', undefined, `the host ${name} has no service ${missing}`, HOSTS)
  }
}

function checkHostName(name: string): void {
  if (NAME.test(name) && name.toLowerCase() !== 'localhost') return
  fail(
    'INVALID_NAME',
    undefined,
    `${shown(name)} is not a valid name for a host`,
    "Use letters, digits and -, a letter first, 32 characters at most, and not 'localhost'.",
  )
}

function fullName(host: string, service: string): string {
  const full = serviceOnHost(host, service)
  if (TAKEN.includes(service))
    fail(
      'INVALID_NAME',
      full,
      `cannot be the name of a service of a host: the handle of a host has a property '${service}'`,
      `Give the service another name, such as ${service}Service.`,
    )
  if (NAME.test(service) && NAME.test(full)) return full
  return fail(
    'INVALID_NAME',
    full.length > 64 ? `${full.slice(0, 64)}…` : full,
    `is not a valid name for the service ${shown(service)} of the host ${host}`,
    'Use letters, digits and -, a letter first; both names have 31 characters together at most.',
  )
}
