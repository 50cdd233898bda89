import { posix } from 'node:path'
import { account, accountName } from './check-account.ts'
import { program, ready } from './check-command.ts'
import { dependencies } from './check-dependencies.ts'
import { logFiles } from './check-log-files.ts'
import { checkTree } from './check-tree.ts'
import { unit } from './check-unit.ts'
import { ownSources } from './nsswitch.ts'
import { portProblem, type ServicePorts } from './ports.ts'
import {
  a,
  also,
  type Check,
  flag,
  list,
  matching,
  method,
  object,
  oneOf,
  optional,
  record,
  text,
  timeout,
  valid,
} from './schema.ts'
import type { ServiceInput } from './service.ts'
import type { State } from './service-context.ts'
import type { Program } from './service-fields.ts'
import { absolutePathProblem, isPlain, UNUSABLE } from './words.ts'

// A name becomes part of a unit name, a host name and a directory; 32 keeps `vitest-cluster-ID-NAME.service` short.
export const NAME = /^[A-Za-z][A-Za-z0-9-]{0,31}$/
const PORT = /^[A-Za-z][A-Za-z0-9]{0,63}$/
/** Directories that every session makes for itself: a mount of the host's would hide them. */
const PER_SESSION = [
  '',
  'dev',
  'etc',
  'home',
  'proc',
  'root',
  'run',
  'srv',
  'sys',
  'tmp',
  'var',
  'var/log',
]

const STATE = 'Write state: { inputs: () => […], make: async ({ exec }) => { … } }.'
const PACKAGE =
  "Name the package that has the program: debian: 'redis-server', fedora: 'redis', arch: 'redis'."
const PROGRAM = "Write 'redis-server', or { name: 'redis-server', debian: 'redis' }."

const PORT_NAME = matching(
  'the name of a port',
  PORT,
  'Use at most 64 letters and digits, a letter first. A port with a number: ports: { http: 8080 }.',
)
const PORTS = "Write ports: ['http'], or numbers, ports: { http: 8080 }."
const PORT_LIST = also(
  list(PORT_NAME, PORTS),
  (ports, name, refuse) =>
    new Set(ports).size === ports.length ||
    refuse(`${name} has a name twice`, 'Give each port a different name.'),
)
const PORT_RECORD = record(
  PORT_NAME,
  optional(valid<number>(portProblem, 'Without a number, undefined, the session chooses it.')),
  PORTS,
)
const PROGRAM_NAME = also(
  program,
  (name, place, refuse) =>
    name !== UNUSABLE ||
    refuse(`${place} is ${name}, which is reserved by JavaScript`, 'Give its path.'),
)
const NAMED = object<Program>(
  {
    name: PROGRAM_NAME,
    client: optional(flag),
    debian: optional(text(PACKAGE)),
    fedora: optional(text(PACKAGE)),
    arch: optional(text(PACKAGE)),
  },
  PROGRAM,
)
const STATE_FUNCTIONS = object<State>({ inputs: method(STATE), make: method(STATE) }, STATE)
const HOST_PATH = also(
  valid(
    (path) =>
      absolutePathProblem(path) ??
      (/['"]/.test(String(path))
        ? 'has a quote in it, and systemd cannot mount such a path'
        : undefined),
    "Give an absolute path of the host, such as '/etc/mercurial'.",
  ),
  (path, name, refuse) =>
    !PER_SESSION.includes(clean(path).replace(/^\/+/, '')) ||
    refuse(
      `${name} is '${path}', which every session makes for itself`,
      'Give the paths below it that the service needs.',
    ),
)

/** A check for every field of a service. checked.ts checks what functions return. */
export const FIELDS: { readonly [Field in keyof ServiceInput]-?: Check } = {
  kind: matching(
    'the kind of a service',
    NAME,
    "Use letters, digits and -, a letter first, such as kind: 'redis'.",
  ),
  command: method("Write command: ({ ports }) => ['/usr/bin/program', …]."),
  ready,
  programs: list<string | Program>(
    (value, name, refuse) =>
      typeof value === 'string' ? PROGRAM_NAME(value, name, refuse) : NAMED(value, name, refuse),
    PROGRAM,
  ),
  ports: (value, name, refuse): ServicePorts =>
    isPlain(value) ? PORT_RECORD(value, name, refuse) : PORT_LIST(value, name, refuse),
  dependsOn: dependencies(() => [...Object.keys(FIELDS), '~handle']),
  hostPaths: (value, name, refuse) =>
    list(HOST_PATH, "Write hostPaths: ['/etc/mercurial'].")(value, name, refuse).map(clean),
  tree: (value, _, refuse) => {
    checkTree(value, 'its tree', refuse)
    return value
  },
  accounts: list(account, "Write accounts: [{ name: 'www' }]."),
  user: a(
    'a name',
    (name) => typeof name === 'string',
    "Write the name of an account: user: 'www'.",
  ),
  group: accountName,
  nsswitch: ownSources,
  needs: list(oneOf(['uids', 'systemd'], "Use 'uids' or 'systemd'."), "Write needs: ['uids']."),
  values: method("Write values: () => ({ password: '…' })."),
  state: (value, name, refuse) => {
    if (typeof value !== 'object' || value === null || isPlain(value))
      return STATE_FUNCTIONS(value, name, refuse)
    // In an object of a class the functions are inherited
    for (const part of ['inputs', 'make'] as const)
      method(STATE)((value as Partial<State>)[part], `${name}.${part}`, refuse)
    return value
  },
  files: method("Write files: () => ({ 'app.conf': 'text' })."),
  clientFiles: method("Write clientFiles: () => ({ 'client.conf': 'text' })."),
  env: method("Write env: () => ({ LANG: 'C.UTF-8' })."),
  readyTimeout: timeout,
  stopTimeout: timeout,
  killAtEnd: flag,
  stopSignal: oneOf(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT']),
  unit: (value, name, refuse) => (typeof value === 'function' ? value : unit(value, name, refuse)),
  logFiles: (value, name, refuse) =>
    typeof value === 'function' ? value : logFiles(value, name, refuse),
  syslog: flag,
  handle: method('Write handle: ({ ports }) => ({ port: ports.http }).'),
  variables: method('Write variables: (handle) => ({ SERVICE_URL: handle.url }).'),
}

function clean(path: string): string {
  return posix.normalize(path).replace(/\/+$/, '')
}
