import { checkDependencies } from './check-dependencies.ts'
import { NAME } from './check-fields.ts'
import { checkHostNames } from './check-hosts.ts'
import { accountsIn, checkIds } from './check-ids.ts'
import { checkTree } from './check-tree.ts'
import { checkedService } from './checked.ts'
import type { ClusterDefinition, ClusterSettings, Services } from './cluster.ts'
import { isNames } from './dependencies.ts'
import { type Hosts, hostOf, meantBy } from './host.ts'
import type { NamesOptions } from './names.ts'
import { startOrder } from './order.ts'
import { fail, refuseFor, shown } from './refuse.ts'
import type { ServiceDefinition } from './service.ts'
import { isPlain } from './words.ts'

const ISOLATIONS = ['auto', 'chroot', 'range', 'boot', 'nspawn']
const NETWORKS = ['host', 'private']
const DNS = ['files', 'host']

/**
 * Checks the services that a user wrote, with or without TypeScript.
 * @returns the services as a session uses them: copies that check what their functions return
 * @throws ClusterError
 */
export function checkedServices(
  services: unknown,
  { hosts = {}, names }: Pick<ClusterDefinition, 'hosts' | 'names'> = {},
): Services {
  if (!isPlain(services) || Object.keys(services).length === 0) {
    fail(
      'INVALID_DEFINITION',
      undefined,
      'a cluster needs at least one service',
      'defineCluster({ services: { ldap: ldap({ suffix: "dc=example" }) } }); `__proto__` cannot be the name of a service.',
    )
  }
  const seen = new Map<string, string>()
  const checked: Record<string, ServiceDefinition> = {}
  for (const [name, service] of Object.entries(services)) {
    checkName(name)
    const other = seen.get(name.toLowerCase())
    if (other) {
      fail(
        'DUPLICATE_SERVICE',
        name,
        `has the same host name as ${other}: host names are case-insensitive`,
        'Rename one of them.',
      )
    }
    seen.set(name.toLowerCase(), name)
    checked[name] = checkedService(name, service)
  }
  checkHostNames(hosts, checked)
  for (const [name, service] of Object.entries(checked)) {
    const { host } = hostOf(hosts, name) ?? {}
    if (host !== undefined) withMeaning(service, (other) => meantBy(other, host, checked))
  }
  checkReferences(checked, names)
  checkIds(checked, names)
  startOrder(checked)
  return checked
}

/** Replaces names of services beside this one in its `dependsOn` by their names in the cluster. */
function withMeaning(service: ServiceDefinition, meaning: (name: string) => string): void {
  const { dependsOn } = service
  if (!dependsOn) return
  const all = isNames(dependsOn)
    ? dependsOn.map(meaning)
    : Object.fromEntries(Object.entries(dependsOn).map(([name, needed]) => [meaning(name), needed]))
  Object.assign(service, { dependsOn: all })
}

/** Checks the accounts, services and directories that a service refers to. */
function checkReferences(services: Services, names: NamesOptions | undefined): void {
  const all = accountsIn(services, names)
  const accounts = new Set(['root', 'session', ...all.map(([{ name }]) => name)])
  for (const [name, service] of Object.entries(services)) {
    if (service.user !== undefined && !accounts.has(service.user)) {
      fail(
        'INVALID_DEFINITION',
        name,
        `runs as ${quoted(service.user)}, which is not an account of the cluster`,
        `Write accounts: [{ name: ${quoted(service.user)} }].`,
      )
    }
    checkDependencies(name, services)
  }
  for (const [account, service] of all) {
    const [, top, owner = '', ...below] = (account.home ?? '').split(/\/+/).filter((p) => p !== '.')
    if (top !== 'srv' || below.join('') === '' || !Object.hasOwn(services, owner)) continue
    fail(
      'INVALID_DEFINITION',
      service,
      `account ${account.name} has home: '${account.home}', below the directory of the service ${owner}`,
      `Write home: '/srv/${owner}', or create the directory by files of the service ${owner}.`,
    )
  }
}

function quoted(word: string): string {
  return `'${shown(word).slice(1, -1)}'`
}

/** Checks the settings of a cluster. @throws ClusterError `INVALID_DEFINITION` */
export function checkSettings(
  settings: {
    readonly [Key in keyof ClusterSettings]: ClusterSettings[Key] | undefined
  } & { readonly hosts: Hosts },
): void {
  const { isolation, network, dns, names, tree, hosts } = settings
  const oneOf = (key: string, value: unknown, words: readonly string[]) => {
    if (value === undefined || words.includes(value as string)) return
    fail(
      'INVALID_DEFINITION',
      undefined,
      `the cluster has ${key}: ${shown(value)}`,
      `Use one of ${words.map((word) => `'${word}'`).join(', ')}.`,
    )
  }
  if (tree !== undefined) checkTree(tree, "the cluster's tree", refuseFor(undefined))
  oneOf('isolation', isolation, ISOLATIONS)
  oneOf('network', network, NETWORKS)
  oneOf('dns', dns, DNS)
  if (network === 'private' && dns === 'host') {
    fail(
      'INVALID_DEFINITION',
      undefined,
      "the cluster has dns: 'host' with network: 'private', from which no name server can be reached",
      "Remove one of the two: dns: 'host' requires the host's network.",
    )
  }
  const sources = names?.nsswitch?.['hosts']
  if (sources?.includes('dns') && dns !== 'host') {
    fail(
      'INVALID_DEFINITION',
      undefined,
      "names.nsswitch.hosts has the source 'dns', but the trees have no name server",
      "Write dns: 'host' in the cluster, which copies the host's resolv.conf; or leave the source out.",
    )
  }
  if (network === 'private' && Object.keys(hosts).length > 0) {
    fail(
      'INVALID_DEFINITION',
      undefined,
      "the cluster has hosts with network: 'private', from which only ports of 127.0.0.1 are forwarded",
      "Remove one of the two: hosts require the host's network.",
    )
  }
  if (network !== 'private' || isolation === 'boot') return
  fail(
    'INVALID_DEFINITION',
    undefined,
    `the cluster has network: 'private' with isolation: '${isolation ?? 'auto'}'`,
    "Only a booted tree can have a private network: add isolation: 'boot'.",
  )
}

function checkName(name: string): void {
  if (NAME.test(name)) return
  fail(
    'INVALID_NAME',
    name.length > 64 ? `${name.slice(0, 64)}…` : name,
    'is not a valid name for a service: the name becomes part of a systemd unit and a host name',
    'Use letters, digits and -, a letter first, 32 characters at most.',
  )
}
