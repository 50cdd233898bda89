import {
  ClusterError,
  type ClusterErrorCode,
  type ClusterErrorDetails,
  isClusterError,
  messageOf,
  saysWhy,
} from '../../errors.ts'
import { isShortage, shortageOf } from '../../shortage/explain.ts'
import type { RunResult } from './step.ts'

/** The most lines of a program that an error shows, so that the error with its fix fits on a screen. */
const SHOWN = 16

/** The error for a program that failed, with the program's last lines. `fix` is the most common fix. */
export function runFailed(
  what: string,
  { exitCode, lines }: RunResult,
  fix?: string,
): ClusterError {
  return new ClusterError({
    code: 'TREE_FAILED',
    message: `${what} ended with ${exitCode}`,
    fix: fix ?? `${saysWhy(lines)}.`,
    log: lines,
  })
}

/** The error for a program that is not installed on this machine. @param debian Debian's package, or a command that installs it */
export function missingProgram(message: string, debian: string): ClusterError {
  const fix = debian.includes(' ')
    ? debian
    : `sudo apt-get install ${debian}        # Debian, Ubuntu`
  return new ClusterError({ code: 'MISSING_PROGRAM', message, fix })
}

/** Adds the failed step to an error. */
export function withStep(error: unknown, step: string): unknown {
  if (!isClusterError(error) || error.details.step) return error
  return new ClusterError({ ...error.details, step }, { cause: error })
}

/**
 * Adds the step to an error, and names causes that may appear as any error: a full disk, a file system that overlayfs
 * cannot use, a machine that forbids namespaces.
 * @param step the title of the step that was being built, if any
 * @param directory the cache
 */
export async function explainFailure(
  error: unknown,
  step: string | undefined,
  directory: string,
): Promise<unknown> {
  const details = isClusterError(error) ? error.details : undefined
  const log = details?.log?.slice(-SHOWN)
  const said = details ? [details.message, ...(details.log ?? [])].join('\n') : messageOf(error)
  const make = (rest: Pick<ClusterErrorDetails, 'code' | 'message' | 'fix'>) =>
    new ClusterError({ step: details?.step ?? step, log, ...rest }, { cause: error })
  // Explained already when the step failed
  if (details && (isShortage(error) || EXPLAINED.has(details.code)))
    return step === undefined ? error : withStep(error, step)
  const short = shortageOf(error, { directory, said, room: ROOM })
  if (short) {
    const { code, message, fix } = short.details
    return make({ code, message, fix })
  }
  if (NO_OVERLAY.test(said)) {
    return make({
      code: 'TREE_CACHE',
      message: `layers cannot be built in ${directory}: overlayfs needs a file system with user xattrs, and Linux 5.11 or later`,
      fix: 'Set XDG_CACHE_HOME to a directory on ext4, xfs or btrfs.',
    })
  }
  if (/^(?:unshare|newuidmap|newgidmap): /m.test(said)) {
    const lack = await noNamespace()
    if (lack) {
      return make({
        code: 'ISOLATION_UNAVAILABLE',
        message: `trees cannot be built on this machine: ${lack.found}`,
        fix: lack.fix,
      })
    }
  }
  if (!details || (details.step && log?.length === details.log?.length)) return error
  return new ClusterError({ ...details, step: details.step ?? step, log }, { cause: error })
}

const EXPLAINED = new Set<ClusterErrorCode>(['ISOLATION_UNAVAILABLE', 'TREE_CACHE'])

/** The fix for a full disk of the cache. */
const ROOM =
  'npx vitest-cluster clean --trees   # removes unused trees\nOr set XDG_CACHE_HOME to a directory on another disk.'

/** The message of libexec/tree/inside.sh if overlayfs does not work. */
const NO_OVERLAY = /^overlayfs cannot .* here$/m

async function noNamespace() {
  const { noIsolation, noNamespaces } = await import('../../doctor/explain.ts')
  return (await noNamespaces()) ?? (await noIsolation('range'))
}
