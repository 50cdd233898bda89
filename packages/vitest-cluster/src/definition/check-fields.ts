import { posix } from 'node:path'
import { checkAccountName, checkedAccount } from './check-account.ts'
import { checkedReady, checkProgram } from './check-command.ts'
import { checkedDependencies } from './check-dependencies.ts'
import { checkTree } from './check-tree.ts'
import { checkedUnit } from './check-unit.ts'
import { type Refuse, shown } from './refuse.ts'
import type { Program, ServiceInput } from './service.ts'
import { absolutePathProblem, isPlain, isTimeout, TIMEOUT_FIX, UNUSABLE } from './words.ts'

// A name becomes part of a unit name, a host name and a directory; 32 keeps `vitest-cluster-ID-NAME.service` short.
export const NAME = /^[A-Za-z][A-Za-z0-9-]{0,31}$/
const PORT = /^[A-Za-z][A-Za-z0-9]{0,63}$/
const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT']
const PACKAGES = ['debian', 'fedora', 'arch']
/** Directories of which every session has its own: the host's would hide it. */
const OWN = ['', 'dev', 'etc', 'home', 'proc', 'root', 'run', 'srv', 'sys', 'tmp', 'var', 'var/log']

/** Checks a field's value, and gives it as it is to be used. */
type Field = (value: unknown, refuse: Refuse) => unknown

/** Every field of a service. What functions return is checked when they have been called (checked.ts). */
export const FIELDS: Readonly<Record<keyof ServiceInput, Field>> = {
  kind: (value, refuse) => {
    if (typeof value === 'string' && NAME.test(value)) return value
    return refuse(`has no valid kind (${shown(value)})`, "Say what it is, such as kind: 'redis'.")
  },
  command: (value, refuse) => {
    if (typeof value === 'function') return value
    return refuse(
      'has no command function',
      "Write command: ({ ports }) => ['/usr/bin/program', …].",
    )
  },
  ready: checkedReady,
  programs: list('programs', "['redis-server']", checkedProgram),
  ports: (value, refuse) => {
    const ports = list('ports', "['http']", checkedPort)(value, refuse)
    if (new Set(ports).size === ports.length) return ports
    return refuse('names a port twice', 'Give each port a name of its own.')
  },
  dependsOn: (value, refuse) =>
    checkedDependencies(value, refuse, [...Object.keys(FIELDS), '~handle']),
  hostPaths: list('hostPaths', "['/etc/mercurial']", checkedHostPath),
  tree: (value, refuse) => {
    checkTree(value, 'its tree', refuse)
    return value
  },
  accounts: list('accounts', "[{ name: 'www' }]", checkedAccount),
  user: (value, refuse) => {
    if (typeof value === 'string') return value
    return refuse(`has user: ${shown(value)}`, "Write the name of an account: user: 'www'.")
  },
  group: (value, refuse) => checkAccountName('has group:', value, refuse),
  needs: list('needs', "['uids']", (need, refuse) => {
    if (need === 'uids' || need === 'systemd') return need
    return refuse(`has needs: ${shown(need)}`, "Use 'uids' or 'systemd'.")
  }),
  values: method('values', "() => ({ password: '…' })"),
  state: (value, refuse) => {
    const fix = 'Write state: { inputs: () => […], make: async ({ exec }) => { … } }.'
    if (typeof value !== 'object' || value === null)
      return refuse(`has state: ${shown(value)}`, fix)
    for (const name of ['inputs', 'make'] as const) {
      const part: unknown = (value as Record<string, unknown>)[name]
      if (typeof part !== 'function') refuse(`has a state whose ${name} is ${shown(part)}`, fix)
    }
    return value
  },
  files: method('files', "() => ({ 'app.conf': 'text' })"),
  clientFiles: method('clientFiles', "() => ({ 'client.conf': 'text' })"),
  env: method('env', "() => ({ LANG: 'C.UTF-8' })"),
  readyTimeout: timeout('readyTimeout'),
  stopTimeout: timeout('stopTimeout'),
  stopSignal: (value, refuse) => {
    if (SIGNALS.includes(value as string)) return value
    const words = SIGNALS.map((word) => `'${word}'`).join(', ')
    return refuse(`has stopSignal: ${shown(value)}`, `Use one of ${words}.`)
  },
  unit: (value, refuse) => (typeof value === 'function' ? value : checkedUnit(value, refuse)),
  handle: method('handle', '({ ports }) => ({ port: ports.http })'),
}

function list<T>(name: string, example: string, item: (value: unknown, refuse: Refuse) => T) {
  return (value: unknown, refuse: Refuse): T[] => {
    // Not map(): it passes over the holes of [, 'a']
    if (Array.isArray(value)) return Array.from(value as unknown[], (each) => item(each, refuse))
    return refuse(`has ${name}: ${shown(value)}`, `It is a list: write ${name}: ${example}.`)
  }
}

function method(name: string, example: string): Field {
  return (value, refuse) => {
    if (typeof value === 'function') return value
    return refuse(`has ${name}: ${shown(value)}`, `It is a function: write ${name}: ${example}.`)
  }
}

function timeout(name: string): Field {
  return (value, refuse) => {
    if (isTimeout(value)) return value
    return refuse(`has ${name}: ${shown(value)}`, TIMEOUT_FIX)
  }
}

function checkedPort(port: unknown, refuse: Refuse): string {
  if (typeof port === 'string' && PORT.test(port)) return port
  return refuse(
    `names a port ${shown(port)}`,
    "A port's name is a word of at most 64 letters and digits, its number is chosen per session.",
  )
}

function checkedProgram(value: unknown, refuse: Refuse): string | Program {
  const given = typeof value === 'string' ? { name: value } : value
  if (!isPlain(given)) {
    return refuse(
      `names a program ${shown(value)}`,
      "Write 'redis-server', or { name: 'redis-server', debian: 'redis' }.",
    )
  }
  const { name, client, ...packages } = given
  checkProgram(name, 'names a program', refuse)
  if (name === UNUSABLE) refuse(`names a program ${shown(name)}`, 'Give its path.')
  if (client !== undefined && typeof client !== 'boolean')
    refuse(`program ${shown(name)} has client: ${shown(client)}`, 'Write true, or leave it out.')
  for (const [key, text] of Object.entries(packages)) {
    if (PACKAGES.includes(key) && (text === undefined || typeof text === 'string')) continue
    refuse(
      `program ${shown(name)} has ${shown(key)}: ${shown(text)}`,
      "Say which package has it: debian: 'redis-server', fedora: 'redis', arch: 'redis'.",
    )
  }
  return typeof value === 'string' ? value : ({ ...given } as unknown as Program)
}

function checkedHostPath(value: unknown, refuse: Refuse): string {
  const problem =
    absolutePathProblem(value) ??
    (/['"]/.test(String(value)) ? 'has a quote in it: systemd mounts no such path' : undefined)
  if (problem) {
    refuse(
      `has hostPaths: ${shown(value)}, which ${problem}`,
      "Give an absolute path of the host, such as '/etc/mercurial'.",
    )
  }
  const path = posix.normalize(value as string).replace(/\/+$/, '')
  if (!OWN.includes(path.replace(/^\/+/, ''))) return path
  return refuse(
    `has hostPaths: ${shown(value)}, of which every session has its own`,
    'Give what is needed below it.',
  )
}
