import { join } from 'node:path'
import type { Ready, ServiceContext, ServiceDefinition } from '../definition/service.ts'
import { ClusterError } from '../errors.ts'
import {
  binds,
  boolean,
  bytes,
  exec,
  int32,
  milliseconds,
  type Property,
  string,
  strings,
  uint32,
  uint64,
} from '../systemd/properties.ts'
import { TREE_LIBEXEC, type Tree } from '../tree/host.ts'
import { sliceName, unitName } from './names.ts'

export const READY_TIMEOUT = 30_000
export const STOP_TIMEOUT = 2_000
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin'
/** Where the tree shows the services' logs. */
const TREE_LOGS = '/var/log/vitest-cluster'
const SIGNALS = { SIGKILL: 9, SIGTERM: 15, SIGINT: 2, SIGQUIT: 3 } as const

/** A unit, ready to be started. Plain data. */
export interface UnitPlan {
  readonly service: string
  readonly unit: string
  /** The log's path on the host. */
  readonly log: string
  readonly properties: readonly Property[]
}

/** What units of one session share. */
export interface UnitSurroundings {
  readonly id: string
  readonly tree: Tree
  readonly logs: string
  /** Variables of the manager that services must not see. */
  readonly inherited: readonly string[]
  /** Absolute paths of programs by the names that definitions use. */
  readonly programs: Readonly<Record<string, string>>
}

/** The transient unit of a service. Pure; systemd.exec(5) and systemd.service(5) say what each property does. */
export function planUnit(
  definition: ServiceDefinition,
  context: ServiceContext,
  surroundings: UnitSurroundings,
): UnitPlan {
  const { id, logs } = surroundings
  const { name } = context
  const log = join(logs, `${name}.log`)
  const dependencies = (definition.dependsOn ?? []).map((other) => unitName(id, other))
  const signal = definition.stopSignal ?? 'SIGKILL'
  const properties: Property[] = [
    string('Description', `${name} (${definition.kind}) of vitest-cluster session ${id}`),
    ...sandbox(surroundings, name, definition.env?.(context)),
    exec('ExecStart', resolve(commandOf(definition, context), surroundings)),
    ...readiness(definition.ready, context, surroundings),
    string('StandardOutputFileToAppend', log),
    string('StandardErrorFileToAppend', log),
    milliseconds('TimeoutStartUSec', definition.readyTimeout ?? READY_TIMEOUT),
    milliseconds('TimeoutStopUSec', definition.stopTimeout ?? STOP_TIMEOUT),
    // A test may restart a service as often as it likes; systemd's default is five times in ten seconds
    milliseconds('StartLimitIntervalUSec', 0),
    int32('KillSignal', SIGNALS[signal]),
    ['SuccessExitStatus', { signature: '(aiai)', value: [[], [SIGNALS[signal]]] }],
    // 0: a test may restart a service as often as it likes
    milliseconds('StartLimitIntervalUSec', 0),
    strings('Requires', dependencies),
    strings('After', dependencies),
    ...limits(definition),
  ]
  return { service: name, unit: unitName(id, name), log, properties }
}

/** A program that runs once in the tree, with its output in files. Pure. */
export function planExec(
  argv: readonly string[],
  options: {
    service: string
    env?: Readonly<Record<string, string>> | undefined
    cwd?: string | undefined
    input?: string | undefined
    timeout: number
    stdout: string
    stderr: string
    deny?: readonly string[] | undefined
  },
  surroundings: UnitSurroundings,
): Property[] {
  return [
    string(
      'Description',
      `${argv[0]} in ${options.service} of vitest-cluster session ${surroundings.id}`,
    ),
    ...sandbox(surroundings, options.service, options.env, options.cwd),
    exec('ExecStart', resolve(argv, surroundings)),
    string('Type', 'oneshot'),
    string('StandardOutputFile', options.stdout),
    string('StandardErrorFile', options.stderr),
    ...(options.input === undefined
      ? []
      : [string('StandardInput', 'data'), bytes('StandardInputData', Buffer.from(options.input))]),
    milliseconds('TimeoutStartUSec', options.timeout),
    milliseconds('TimeoutStopUSec', STOP_TIMEOUT),
    ...denied(options.deny),
  ]
}

/** A program that does nothing in a service's tree, for a shell that enters it. Pure. */
export function planIdle(
  service: string,
  { env, deny }: { env: Readonly<Record<string, string>>; deny: readonly string[] },
  surroundings: UnitSurroundings,
): Property[] {
  return [
    string('Description', `shell in ${service} of vitest-cluster session ${surroundings.id}`),
    ...sandbox(surroundings, service, env),
    exec('ExecStart', ['/usr/bin/sleep', 'infinity']),
    string('Type', 'exec'),
    int32('KillSignal', SIGNALS.SIGKILL),
    ...denied(deny),
  ]
}

function sandbox(
  { id, tree, logs, inherited }: UnitSurroundings,
  service: string,
  env: Readonly<Record<string, string>> = {},
  cwd = `/srv/${service}`,
): Property[] {
  const environment = { PATH, LANG: 'C.UTF-8', HOME: `/srv/${service}`, ...env }
  return [
    string('Slice', sliceName(id)),
    // Ended units are unloaded, also failed ones; AddRef keeps them for as long as the run can ask why
    string('CollectMode', 'inactive-or-failed'),
    boolean('AddRef', true),
    string('RootDirectory', tree.root),
    boolean('PrivateUsers', true),
    boolean('MountAPIVFS', true),
    boolean('NoNewPrivileges', true),
    binds('BindReadOnlyPaths', [
      ...tree.hostPaths.map((path) => [path, path] as const),
      [logs, TREE_LOGS],
    ]),
    // MountAPIVFS= puts a fresh tmpfs on /run for each process: the session's own goes over it
    binds('BindPaths', [[join(tree.root, 'run'), '/run']]),
    string('WorkingDirectory', cwd),
    strings(
      'Environment',
      Object.entries(environment).map(([key, value]) => `${key}=${value}`),
    ),
    strings(
      'UnsetEnvironment',
      inherited.filter((key) => !(key in environment)),
    ),
    uint32('UMask', 0o022),
  ]
}

function commandOf(definition: ServiceDefinition, context: ServiceContext): readonly string[] {
  const argv: unknown = definition.command(context)
  const words =
    Array.isArray(argv) && argv.length > 0 && argv.every((word) => typeof word === 'string')
  if (words) return argv
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    service: context.name,
    message: `its command is no array of strings: ${JSON.stringify(argv)}`,
    mend: "Write command: ({ ports }) => ['/usr/bin/program', …], the program first.",
  })
}

/** A bare program name becomes the tree's absolute path: systemd would look it up on the host. */
function resolve(argv: readonly string[], { programs }: UnitSurroundings): readonly string[] {
  const [program = '', ...rest] = argv
  return [programs[program] ?? program, ...rest]
}

function readiness(
  ready: Ready,
  context: ServiceContext,
  surroundings: UnitSurroundings,
): Property[] {
  const post = (script: string, ...argv: string[]) => [
    string('Type', 'exec'),
    exec('ExecStartPost', ['/bin/sh', `${TREE_LIBEXEC}/${script}`, ...argv]),
  ]
  if (ready === 'notify') return [string('Type', 'notify'), string('NotifyAccess', 'all')]
  if (ready === 'forking') return [string('Type', 'forking')]
  if (ready === 'started') return [string('Type', 'exec')]
  if (ready === 'listening')
    return post('ready-listening.sh', ...Object.values(context.ports).map(String))
  if ('logLine' in ready) {
    const log = `${TREE_LOGS}/${context.name}.log`
    return [
      exec('ExecStartPre', ['/bin/sh', `${TREE_LIBEXEC}/ready-log.sh`, 'mark', log]),
      ...post('ready-log.sh', 'wait', log, ready.logLine),
    ]
  }
  return post('ready-exec.sh', ...resolve(ready.exec, surroundings))
}

/** What a start job waits for, in words. */
export function awaited(ready: Ready, ports: Readonly<Record<string, number>>): string {
  if (ready === 'notify') return 'READY=1 from the service (sd_notify)'
  if (ready === 'forking') return 'the end of its first process (Type=forking)'
  if (ready === 'started') return 'the program to be started'
  if (ready === 'listening') {
    return `a socket of its own that listens on port ${Object.values(ports).join(', ')}`
  }
  if ('logLine' in ready) return `a line of its log that matches ${JSON.stringify(ready.logLine)}`
  return `the first success of: ${ready.exec.join(' ')}`
}

function limits({ unit = {} }: ServiceDefinition): Property[] {
  const properties: Property[] = denied(unit.SystemCallDeny)
  for (const name of ['MemoryMax', 'TasksMax', 'LimitNOFILE'] as const) {
    const value = unit[name]
    if (value !== undefined) properties.push(uint64(name, value))
  }
  return properties
}

function denied(calls: readonly string[] | undefined): Property[] {
  return calls?.length ? [['SystemCallFilter', { signature: '(bas)', value: [false, calls] }]] : []
}
