import {
  ClusterError,
  type ClusterErrorCode,
  type ClusterErrorDetails,
  isClusterError,
  messageOf,
} from '../errors.ts'
import { filled, filledAt } from './disk.ts'
import { type Evidence, ownUid } from './evidence.ts'
import { tally } from './groups.ts'
import { lackOf } from './lack-of.ts'
import { type Sign, sayingLine, spotError, spotWords } from './spot.ts'
import { isNearLimit, userProcesses } from './user.ts'

/** Errors that a lack of resources may cause: a program that lacks one may fail in any way. */
const UNSURE = new Set<ClusterErrorCode>([
  'BUS_LOST',
  'BUS_TIMEOUT',
  'CALL_FAILED',
  'EXEC_FAILED',
  'FUNCTION_FAILED',
  'MANAGER_LOST',
  'NOT_READY',
  'NO_MANAGER',
  'SERVICE_FAILED',
  'SESSION_DIRECTORY',
  'TREE_ARCHIVE',
  'TREE_FAILED',
  'TREE_UNREACHABLE',
])

const SHORTAGES = new Set<ClusterErrorCode>([
  'DISK_FULL',
  'NO_DESCRIPTORS',
  'NO_INODES',
  'NO_INOTIFY',
  'NO_MEMORY',
  'NO_NAMESPACES',
  'NO_PROCESSES',
])

/** Whether an error names a resource that has run out. */
export function isShortage(error: unknown): error is ClusterError {
  return isClusterError(error) && SHORTAGES.has(error.code)
}

/**
 * The error for a resource that has run out, or undefined if there is no sign of that. The signs are the errno of the error
 * or of one of its causes, the output of a program, and, for an error that may have any cause, a limit that is met now.
 * Uses no descriptor, process or promise, because there may be none left. All detection of shortages is here.
 */
export function shortageOf(error: unknown, evidence: Evidence = {}): ClusterError | undefined {
  if (isShortage(error)) return error
  const details = isClusterError(error) ? error.details : undefined
  const unsure = details === undefined || UNSURE.has(details.code)
  const words = [evidence.said, details?.message, ...(details?.log ?? [])]
    .filter((each) => each !== undefined)
    .join('\n')
  const sign =
    spotError(error) ?? (unsure ? (spotWords(words) ?? spotState(details, evidence)) : undefined)
  // A program that a test runs may write to any disk: "No space left" in its output does not mean the session's disk
  if (sign === 'space' && details?.code === 'EXEC_FAILED' && !filledAt(evidence.directory ?? '/'))
    return undefined
  const lack = sign && lackOf(sign, evidence)
  if (!lack) return undefined
  const said = details ? sayingLine(words) : messageOf(error).trim().split('\n')[0]
  // Not in the message if the log lines below it have it
  const shown = said !== undefined && (details?.log ?? []).some((line) => line.trim() === said)
  const { service, unit, step, at, log, logs, paths } = details ?? {}
  return new ClusterError(
    {
      ...{ service, unit, step, at, log, logs, paths, code: lack.code, fix: lack.fix },
      message: said && !shown ? `${lack.message}: ${said}` : lack.message,
    },
    { cause: error },
  )
}

/** The same, or the error itself. */
export function withShortage(error: unknown, evidence: Evidence = {}): unknown {
  return shortageOf(error, evidence) ?? error
}

/**
 * For a handle's method that starts a program or opens a file on the host. If the method failed because a resource has run
 * out on the host, returns the error for that (`DISK_FULL`, `NO_DESCRIPTORS`, `NO_INODES`, `NO_INOTIFY`, `NO_MEMORY`,
 * `NO_NAMESPACES`, `NO_PROCESSES`); else returns the error itself.
 */
export function explainError(error: unknown): unknown {
  return withShortage(error)
}

/** A limit that is met now, or by which something was refused since `before`. */
function spotState(
  details: ClusterErrorDetails | undefined,
  { directory, space, before, cgroup, uid = ownUid() }: Evidence,
): Sign | undefined {
  if (space ? filled(space) : directory !== undefined && filledAt(directory)) return 'space'
  // A refusal may concern another process of the same group or user, and does not explain an error outside of this library
  if (!before || !details) return undefined
  const user = userProcesses(uid)
  if (user && isNearLimit(user)) return 'processes'
  const now = tally(cgroup)
  if (now.memory > before.memory) return 'memory'
  return now.pids > before.pids ? 'processes' : undefined
}
