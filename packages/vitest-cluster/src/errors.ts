import { printable } from './printable.ts'

/** Says what went wrong. Codes are stable: scripts and tests may compare them. */
export type ClusterErrorCode =
  | 'BUS_LOST'
  | 'BUS_TIMEOUT'
  | 'CALL_FAILED'
  | 'CONFIG_NOT_FOUND'
  | 'CONNECTION_FAILED'
  | 'CYCLE'
  | 'DISK_FULL'
  | 'DUPLICATE_SERVICE'
  | 'EXEC_FAILED'
  | 'FUNCTION_FAILED'
  | 'INVALID_DEFINITION'
  | 'INVALID_NAME'
  | 'INVALID_INPUT'
  | 'ISOLATION_UNAVAILABLE'
  | 'LOGIN_DENIED'
  | 'LOG_TIMEOUT'
  | 'LOG_TOO_LARGE'
  | 'MANAGER_LOST'
  | 'MISSING_PACKAGE'
  | 'MISSING_PROGRAM'
  | 'NETWORK_UNAVAILABLE'
  | 'NO_ADDRESS'
  | 'NO_ANSWER'
  | 'NO_DESCRIPTORS'
  | 'NO_INODES'
  | 'NO_INOTIFY'
  | 'NO_MANAGER'
  | 'NO_MEMORY'
  | 'NO_NAMESPACES'
  | 'NO_PORT'
  | 'NO_PROCESSES'
  | 'NO_SESSION'
  | 'NO_SUCH_FIXTURE'
  | 'NO_SUCH_SERVICE'
  | 'NEEDS_ISOLATION'
  | 'NO_SUCH_SESSION'
  | 'NOT_READY'
  | 'PORT_LOST'
  | 'PORT_UNAVAILABLE'
  | 'SERVICE_FAILED'
  | 'SERVICE_STOPPED'
  | 'SESSION_BUSY'
  | 'SESSION_CLOSED'
  | 'SESSION_DIRECTORY'
  | 'STOP_TIMEOUT'
  | 'TREE_ARCHIVE'
  | 'TREE_BUSY'
  | 'TREE_CACHE'
  | 'TREE_CHECKSUM'
  | 'TREE_DAMAGED'
  | 'TREE_FAILED'
  | 'TREE_NOT_BUILT'
  | 'TREE_UNREACHABLE'
  | 'UNKNOWN_DEPENDENCY'
  | 'UNREADABLE_FILE'
  | 'UNSUPPORTED_NODE'
  | 'USAGE'

/** A place in a source file; line and column begin at 1. */
export interface Site {
  /** The file's path. */
  readonly file: string
  /** The line, from 1. */
  readonly line: number
  /** The column, from 1. */
  readonly column: number
}

/** The parts of a {@link ClusterError}. They survive `structuredClone`, so a worker can receive them. */
export interface ClusterErrorDetails {
  /** What went wrong, as a stable word. */
  readonly code: ClusterErrorCode
  /** What happened, one sentence. */
  readonly message: string
  /** The service's name in the cluster. */
  readonly service?: string | undefined
  /** The base or layer of a tree: `debian trixie`, `playbook site.yml`. */
  readonly step?: string | undefined
  /** The systemd unit, for `systemctl --user status`. */
  readonly unit?: string | undefined
  /** The paths that are wrong, each with its problem. */
  readonly paths?: readonly string[] | undefined
  /** The place in the definition. */
  readonly at?: Site | undefined
  /** How to fix it. */
  readonly fix?: string | undefined
  /** The last lines that the unit wrote. */
  readonly log?: readonly string[] | undefined
  /** The directory that all logs of the session were copied to. */
  readonly logs?: string | undefined
}

/** The one error class of the library: it says what happened, where, and how to fix it. */
export class ClusterError extends Error {
  /** What went wrong, as a stable word that tests may compare. docs/troubleshooting.md explains each. */
  readonly code: ClusterErrorCode
  /** The parts that the message is made of. */
  readonly details: ClusterErrorDetails

  /** Removes control characters from each part and shortens what is too long. */
  constructor(given: ClusterErrorDetails, options?: { cause?: unknown }) {
    const details = cleaned(given)
    super(render(details), options)
    this.name = 'ClusterError'
    this.code = details.code
    this.details = details
    // Printers of errors show enumerable properties, and the message has all of these already
    for (const key of ['name', 'code', 'details'])
      Object.defineProperty(this, key, { enumerable: false })
  }
}

/** Whether an error is a {@link ClusterError}, also one of another copy of this package (Vite may load two). */
export function isClusterError(error: unknown): error is ClusterError {
  return error instanceof Error && error.name === 'ClusterError' && 'details' in error
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The `code` of a Node system error (`ENOENT`), or undefined. */
export function errnoOf(error: unknown): string | undefined {
  return isError(error) && 'code' in error ? String(error.code) : undefined
}

/** In Vitest's vm pools Node's own errors are of another realm. `node:util` is loaded lazily: few processes need it. */
function isError(error: unknown): error is Error {
  return error instanceof Error || process.getBuiltinModule('node:util').types.isNativeError(error)
}

/** The beginning of a `fix`: points to a program's last lines, if the program wrote any. */
export function saysWhy(log: readonly string[]): string {
  return log.some((line) => line.trim() !== '') ? 'See its last lines' : 'It wrote nothing'
}

/** The longest line of a message in characters, and the longest line of a log. */
const LONGEST_LINE = 1000
const LONGEST_LOG_LINE = 500
/** The most lines of a message, which may be the message of a user's own error. */
const MOST_LINES = 20

/**
 * Errors quote other programs, names of files and values of users. Removes control sequences and line ends from these, and
 * cuts what is too long to be read.
 */
function cleaned(details: ClusterErrorDetails): ClusterErrorDetails {
  const { message, service, step, unit, paths, at, fix, log, logs } = details
  const readable = (line: string) => line.trim() !== ''
  return {
    ...details,
    message: lines(message).slice(0, MOST_LINES).join('\n'),
    // A refused name is shown as the user wrote it
    ...(service && { service: lines(service).join('\n') }),
    ...(step && { step: line(step) }),
    ...(unit && { unit: line(unit) }),
    ...(paths && { paths: paths.map((each) => line(each)) }),
    ...(at && { at: { ...at, file: line(at.file) } }),
    ...(fix && { fix: lines(fix).join('\n') }),
    ...(log && { log: log.map((each) => line(each, LONGEST_LOG_LINE)).filter(readable) }),
    ...(logs && { logs: line(logs) }),
  }
}

function line(text: string, longest = LONGEST_LINE): string {
  return cut(printable(text).replace(/\n+/g, ' '), longest)
}

function lines(text: string): string[] {
  return printable(text)
    .split('\n')
    .map((each) => cut(each, LONGEST_LINE))
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

function render({
  code,
  message,
  service,
  step,
  unit,
  paths,
  at,
  fix,
  log,
  logs,
}: ClusterErrorDetails): string {
  const about = service === undefined ? step : line(service)
  const where = about ? `${about}: ` : ''
  // Indented: a further line of the message must not look like the error's own `fix:` or `unit:`
  const text = message.replaceAll('\n', '\n    ')
  const lines = [`${where}${text} [${code}]`]
  if (at) lines.push(`  at: ${at.file}:${at.line}:${at.column}`)
  if (paths) lines.push(...paths.map((path) => `  ${path}`))
  if (unit) lines.push(`  unit: ${unit}`)
  if (log?.length) lines.push('  last log lines:', ...log.map((line) => `    ${line}`))
  if (logs) lines.push(`  all logs: ${logs}`)
  if (fix) lines.push(...fix.split('\n').map((line, i) => `${i ? '       ' : '  fix: '}${line}`))
  return lines.join('\n')
}
