import { printable } from './printable.ts'

/** What went wrong, as a stable word that scripts and tests may compare. */
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
  | 'NO_SUCH_SERVICE'
  | 'NEEDS_ISOLATION'
  | 'NO_SUCH_SESSION'
  | 'NOT_READY'
  | 'PORT_LOST'
  | 'SERVICE_FAILED'
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
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The parts of a {@link ClusterError}. They survive `structuredClone`, and so the way to a worker. */
export interface ClusterErrorDetails {
  readonly code: ClusterErrorCode
  /** What happened, one sentence. */
  readonly message: string
  /** The service's name in the cluster. */
  readonly service?: string | undefined
  /** The base or layer of a tree: `debian trixie`, `playbook site.yml`. */
  readonly step?: string | undefined
  /** The systemd unit, for `systemctl --user status`. */
  readonly unit?: string | undefined
  /** Paths that it is about, each with what is the matter. */
  readonly paths?: readonly string[] | undefined
  /** Where that stands in the definition. */
  readonly at?: Site | undefined
  /** What the reader can do about it. */
  readonly fix?: string | undefined
  /** The last lines that the unit wrote. */
  readonly log?: readonly string[] | undefined
  /** The directory in which all logs of the session were kept. */
  readonly logs?: string | undefined
}

/** The one error class of the library: it says what happened, where, and how to fix it. */
export class ClusterError extends Error {
  readonly code: ClusterErrorCode
  readonly details: ClusterErrorDetails

  constructor(given: ClusterErrorDetails, options?: { cause?: unknown }) {
    const details = cleaned(given)
    super(render(details), options)
    this.name = 'ClusterError'
    this.code = details.code
    this.details = details
    // Printers of errors show enumerable properties; all of these stand in the message already
    for (const key of ['name', 'code', 'details'])
      Object.defineProperty(this, key, { enumerable: false })
  }
}

/** Tells a {@link ClusterError}, also one of another copy of this package (Vite may load two). */
export function isClusterError(error: unknown): error is ClusterError {
  return error instanceof Error && error.name === 'ClusterError' && 'details' in error
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The `code` of a Node system error (`ENOENT`), or undefined. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** Other programs' words go into errors, and what they print for a terminal must not reach one from there. */
function cleaned(details: ClusterErrorDetails): ClusterErrorDetails {
  const { message, paths, log } = details
  const readable = (line: string) => line.trim() !== ''
  return {
    ...details,
    message: printable(message),
    ...(paths && { paths: paths.map(printable) }),
    ...(log && { log: log.map(printable).filter(readable) }),
  }
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
  const about = service ?? step
  const where = about ? `${about}: ` : ''
  const lines = [`${where}${message} [${code}]`]
  if (at) lines.push(`  at: ${at.file}:${at.line}:${at.column}`)
  if (paths) lines.push(...paths.map((path) => `  ${path}`))
  if (unit) lines.push(`  unit: ${unit}`)
  if (log?.length) lines.push('  last log lines:', ...log.map((line) => `    ${line}`))
  if (logs) lines.push(`  all logs: ${logs}`)
  if (fix) lines.push(...fix.split('\n').map((line, i) => `${i ? '       ' : '  fix: '}${line}`))
  return lines.join('\n')
}
