import { ClusterError, type ClusterErrorCode } from '../errors.ts'
import type { ClusterSettings, Services } from './cluster.ts'
import { startOrder } from './order.ts'
import type { ServiceDefinition } from './service.ts'

const ACCOUNT = /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/
// A name becomes part of a unit name, a host name and a directory; 32 keeps `vitest-cluster-ID-NAME.service` short.
const NAME = /^[A-Za-z][A-Za-z0-9-]{0,31}$/

/** Checks what a user wrote, whether or not TypeScript saw it. @throws ClusterError */
export function checkCluster(services: Services): void {
  if (typeof services !== 'object' || services === null || Object.keys(services).length === 0) {
    throw new ClusterError({
      code: 'INVALID_DEFINITION',
      message: 'a cluster needs at least one service',
      mend: 'defineCluster({ services: { ldap: ldap({ suffix: "dc=example" }) } })',
    })
  }
  const seen = new Map<string, string>()
  for (const [name, service] of Object.entries(services)) {
    checkName(name)
    const other = seen.get(name.toLowerCase())
    if (other) {
      fail(
        'DUPLICATE_SERVICE',
        name,
        `has the same host name as ${other}: host names know no case`,
        'Rename one of them.',
      )
    }
    seen.set(name.toLowerCase(), name)
    checkService(name, service)
    checkTree(service.tree, name)
  }
  const accounts = new Set(['root', 'session'])
  for (const service of Object.values(services))
    for (const account of service.accounts ?? []) accounts.add(account.name)
  for (const [name, service] of Object.entries(services)) {
    if (service.user !== undefined && !accounts.has(service.user)) {
      fail(
        'INVALID_DEFINITION',
        name,
        `runs as '${service.user}', which is no account of the cluster`,
        `Write accounts: [{ name: '${service.user}' }].`,
      )
    }
    for (const dependency of service.dependsOn ?? []) {
      if (!Object.hasOwn(services, dependency)) {
        fail(
          'UNKNOWN_DEPENDENCY',
          name,
          `depends on '${dependency}', which the cluster does not have`,
          `Services of this cluster: ${Object.keys(services).join(', ')}.`,
        )
      }
    }
  }
  startOrder(services)
}

const ISOLATIONS = ['auto', 'chroot', 'range', 'boot', 'nspawn']
const NETWORKS = ['host', 'private']

function checkTree(tree: unknown, service: string | undefined): void {
  if (tree === undefined) return
  if (typeof tree === 'object' && tree !== null && 'base' in tree && 'layers' in tree) return
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    service,
    message: `${service === undefined ? "the cluster's tree" : 'its tree'} is no tree`,
    mend: "Write tree: debianTree({ suite: 'trixie', packages: […] }), or leave it out for the host's own programs.",
  })
}

/** Checks what a cluster says of how it is run. @throws ClusterError `INVALID_DEFINITION` */
export function checkSettings(
  settings: {
    readonly [Key in keyof ClusterSettings]: ClusterSettings[Key] | undefined
  },
): void {
  const { isolation, network, tree } = settings
  const oneOf = (key: string, value: unknown, words: readonly string[]) => {
    if (value === undefined || words.includes(String(value))) return
    throw new ClusterError({
      code: 'INVALID_DEFINITION',
      message: `the cluster has ${key}: ${JSON.stringify(value)}`,
      mend: `Use one of ${words.map((word) => `'${word}'`).join(', ')}.`,
    })
  }
  checkTree(tree, undefined)
  oneOf('isolation', isolation, ISOLATIONS)
  oneOf('network', network, NETWORKS)
  if (network !== 'private' || isolation === 'boot') return
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `the cluster has network: 'private' with isolation: '${isolation ?? 'auto'}'`,
    mend: "Only a booted tree has a network of its own: write isolation: 'boot', too.",
  })
}

function checkName(name: string): void {
  if (NAME.test(name)) return
  fail(
    'INVALID_NAME',
    name,
    'is no name for a service: it becomes part of a systemd unit and a host name',
    'Use letters, digits and -, a letter first, 32 characters at most.',
  )
}

function checkService(name: string, service: ServiceDefinition): void {
  const invalid = (what: string, mend: string) => fail('INVALID_DEFINITION', name, what, mend)
  if (typeof service !== 'object' || service === null)
    invalid('is not a service', 'Make it with defineService({ … }).')
  if (typeof service.kind !== 'string' || !NAME.test(service.kind)) {
    invalid(
      `has no valid kind (${JSON.stringify(service.kind)})`,
      "Say what it is, such as kind: 'redis'.",
    )
  }
  if (typeof service.command !== 'function') {
    invalid('has no command function', "Write command: ({ ports }) => ['/usr/bin/program', …].")
  }
  checkReady(service, invalid)
  for (const port of service.ports ?? []) {
    if (typeof port !== 'string' || !/^[A-Za-z][A-Za-z0-9]*$/.test(port)) {
      invalid(
        `names a port ${JSON.stringify(port)}`,
        "A port's name is a word, its number is chosen per session.",
      )
    }
  }
  for (const account of service.accounts ?? []) {
    for (const word of [account.name, ...(account.groups ?? [])]) {
      if (typeof word === 'string' && ACCOUNT.test(word)) continue
      invalid(
        `names an account or a group ${JSON.stringify(word)}`,
        'Use letters, digits and _ . @ -, 64 characters at most.',
      )
    }
  }
  if (service.group !== undefined && !ACCOUNT.test(service.group)) {
    invalid(
      `has group: ${JSON.stringify(service.group)}`,
      'Use letters, digits and _ . @ -, 64 characters at most.',
    )
  }
  for (const need of service.needs ?? []) {
    if (need !== 'uids' && need !== 'systemd')
      invalid(`has needs: ${JSON.stringify(need)}`, "Use 'uids' or 'systemd'.")
  }
  if (new Set(service.ports).size !== (service.ports ?? []).length) {
    invalid('names a port twice', 'Give each port a name of its own.')
  }
  for (const key of ['readyTimeout', 'stopTimeout'] as const) {
    const value = service[key]
    if (value !== undefined && !(Number.isFinite(value) && value > 0)) {
      invalid(`has ${key}: ${String(value)}`, 'Give milliseconds, greater than 0.')
    }
  }
}

function checkReady(
  service: ServiceDefinition,
  invalid: (what: string, mend: string) => void,
): void {
  const { ready } = service
  const words = ['notify', 'listening', 'forking', 'started']
  const known =
    (typeof ready === 'string' && words.includes(ready)) ||
    (typeof ready === 'object' && ready !== null && ('logLine' in ready || 'exec' in ready))
  if (!known) {
    invalid(
      `does not say how it becomes ready (ready: ${JSON.stringify(ready)})`,
      `Use one of ${words.map((w) => `'${w}'`).join(', ')}, { logLine: 'pattern' }, { exec: [program, …] }.`,
    )
  }
  if (ready === 'listening' && !service.ports?.length) {
    invalid("has ready: 'listening' and no ports", "Name its ports, such as ports: ['http'].")
  }
}

function fail(code: ClusterErrorCode, service: string, message: string, mend: string): never {
  throw new ClusterError({ code, service, message, mend })
}
