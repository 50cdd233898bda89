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

/** What a program fails with that got too little of something: that may be anything at all. */
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

/** Whether an error says what ran out. */
export function isShortage(error: unknown): error is ClusterError {
  return isClusterError(error) && SHORTAGES.has(error.code)
}

/**
 * The one place that tells when something ran out: undefined where nothing says so. By the errno of the error or of
 * one of its causes; by words that a program wrote; and where an error may mean anything, by what is used up now.
 * Needs no descriptor, process or promise of its own, for there may be none.
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
  // A program that a test runs may write where it likes: what it says of that is shown, and is not the session's disk
  if (sign === 'space' && details?.code === 'EXEC_FAILED' && !filledAt(evidence.directory ?? '/'))
    return undefined
  const lack = sign && lackOf(sign, evidence)
  if (!lack) return undefined
  const said = details ? sayingLine(words) : messageOf(error).trim().split('\n')[0]
  // What is shown below already is not said twice
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
 * For a handle's method that starts a program or opens a file on the host: the error that says what has run out there
 * (`DISK_FULL`, `NO_DESCRIPTORS`, `NO_INODES`, `NO_INOTIFY`, `NO_MEMORY`, `NO_NAMESPACES`, `NO_PROCESSES`), if that is
 * why it failed; else the error itself.
 */
export function explainError(error: unknown): unknown {
  return withShortage(error)
}

/** What is used up now, or was refused since then. */
function spotState(
  details: ClusterErrorDetails | undefined,
  { directory, space, before, cgroup, uid = ownUid() }: Evidence,
): Sign | undefined {
  if (space ? filled(space) : directory !== undefined && filledAt(directory)) return 'space'
  // Others of the same groups and user may have been refused something: no reason for an error that is somebody's own
  if (!before || !details) return undefined
  const user = userProcesses(uid)
  if (user && isNearLimit(user)) return 'processes'
  const now = tally(cgroup)
  if (now.memory > before.memory) return 'memory'
  return now.pids > before.pids ? 'processes' : undefined
}
