import {
  binds,
  boolean,
  calls,
  command,
  commands,
  count,
  type Directive,
  mode,
  names,
  oneOf,
  searchPath,
  signal,
  signals,
  size,
  small,
  stream,
  text,
  time,
  title,
  variables,
  words,
} from './directive.ts'
import type { Property } from './properties.ts'

/**
 * All directives that the project uses, by their names in systemd.directives(7), in the order of a unit file. Each can be
 * written as a D-Bus property and as a line of a unit file; if the property has another name, the row has that name.
 * `AddRef`, which only D-Bus has, is an option of `Manager.startTransient`.
 */
const SECTIONS = {
  /** systemd.unit(5) */
  Unit: {
    Description: title,
    Requires: names,
    BindsTo: names,
    After: names,
    CollectMode: oneOf<'inactive' | 'inactive-or-failed'>(),
    StartLimitIntervalSec: time('StartLimitIntervalUSec'),
    StartLimitBurst: small,
  },
  Service: {
    /** systemd.service(5) */
    Type: oneOf<'exec' | 'forking' | 'notify' | 'oneshot'>(),
    NotifyAccess: oneOf<'main' | 'exec' | 'all'>(),
    ExecStartPre: command,
    ExecStart: command,
    ExecStartPost: command,
    ExecStop: command,
    ExecReload: command,
    ExecStopPost: commands,
    RemainAfterExit: boolean,
    /** Greater than 0: 0 is not a time-out in a unit file, and stays 0 over D-Bus. */
    TimeoutStartSec: time('TimeoutStartUSec'),
    TimeoutStopSec: time('TimeoutStopUSec'),
    RuntimeMaxSec: time('RuntimeMaxUSec'),
    WatchdogSec: time('WatchdogUSec'),
    SuccessExitStatus: signals,
    Restart: oneOf<
      'no' | 'on-success' | 'on-failure' | 'on-abnormal' | 'on-watchdog' | 'on-abort' | 'always'
    >(),
    RestartSec: time('RestartUSec'),
    RestartForceExitStatus: signals,
    RestartPreventExitStatus: signals,
    /** systemd.kill(5) */
    KillSignal: signal,
    /** systemd.resource-control(5) */
    Slice: text,
    Delegate: boolean,
    MemoryMax: size,
    TasksMax: count,
    /** systemd.exec(5) */
    RootDirectory: text,
    MountAPIVFS: boolean,
    BindReadOnlyPaths: binds,
    BindPaths: binds,
    InaccessiblePaths: words,
    PrivateDevices: boolean,
    PrivateUsers: boolean,
    PrivateIPC: boolean,
    NoNewPrivileges: boolean,
    SystemCallFilter: calls,
    DynamicUser: boolean,
    User: text,
    Group: text,
    SupplementaryGroups: names,
    WorkingDirectory: text,
    UMask: mode,
    LimitNOFILE: count,
    ExecSearchPath: searchPath,
    Environment: variables,
    UnsetEnvironment: words,
    StandardInput: stream<`file:${string}`>({ file: 'File' }),
    StandardOutput: stream<`file:${string}` | `append:${string}`>({
      file: 'File',
      append: 'FileToAppend',
    }),
    StandardError: stream<`file:${string}` | `append:${string}`>({
      file: 'File',
      append: 'FileToAppend',
    }),
  },
} satisfies Readonly<Record<string, Readonly<Record<string, Directive<never>>>>>

type Directives = (typeof SECTIONS)['Unit'] & (typeof SECTIONS)['Service']

/** The settings of a unit, by their names in a unit file. Plain data; times in milliseconds, sizes in bytes. */
export type UnitSettings = {
  readonly [Name in keyof Directives]?: Directives[Name] extends Directive<infer T>
    ? T | undefined
    : never
}

const DIRECTIVES: Readonly<Record<string, Directive<unknown>>> = Object.assign(
  {},
  ...Object.values(SECTIONS),
)

/** The properties of a transient unit (org.freedesktop.systemd1(5)). Pure. */
export function toProperties(settings: UnitSettings): Property[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const directive = DIRECTIVES[name]
    return directive && value !== undefined ? [directive.property(value, name)] : []
  })
}

/**
 * The text of a unit file (systemd.unit(5)). Pure.
 * @throws ClusterError `INVALID_DEFINITION` for a value that only D-Bus can express
 */
export function unitText(settings: UnitSettings): string {
  const given: Readonly<Record<string, unknown>> = settings
  const sections = Object.entries(SECTIONS).flatMap(([section, directives]) => {
    const rows: readonly (readonly [string, Directive<unknown>])[] = Object.entries(directives)
    const lines = rows.flatMap(([name, directive]) => {
      const value = given[name]
      return value === undefined ? [] : directive.lines(value).map((line) => `${name}=${line}\n`)
    })
    return lines.length > 0 ? [`[${section}]\n${lines.join('')}`] : []
  })
  return sections.join('\n')
}
