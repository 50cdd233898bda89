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

/** How many lines of a program an error shows, so that it fits a screen with its fix. */
const SHOWN = 16

/** The error for a program that failed. Its own words say why; `fix` is what helps most often. */
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

/** The error for a program of this machine that is not installed. @param debian Debian's package of it, or how to get it */
export function missingProgram(message: string, debian: string): ClusterError {
  const fix = debian.includes(' ')
    ? debian
    : `sudo apt-get install ${debian}        # Debian, Ubuntu`
  return new ClusterError({ code: 'MISSING_PROGRAM', message, fix })
}

/** An error with the step that it came from. */
export function withStep(error: unknown, step: string): unknown {
  if (!isClusterError(error) || error.details.step) return error
  return new ClusterError({ ...error.details, step }, { cause: error })
}

/**
 * Adds the step, and says what shows as anything at all: a full disk, a file system without what overlayfs needs, a
 * machine that forbids namespaces.
 * @param step its title, where one was being made
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
  // Told already where a step was being made
  if (details && (isShortage(error) || TOLD.has(details.code)))
    return step === undefined ? error : withStep(error, step)
  const short = shortageOf(error, { directory, said, room: ROOM })
  if (short) {
    const { code, message, fix } = short.details
    return make({ code, message, fix })
  }
  if (NO_OVERLAY.test(said)) {
    return make({
      code: 'TREE_CACHE',
      message: `layers cannot be built in ${directory}: its file system, or this kernel, lacks what overlayfs needs (user xattrs, Linux 5.11)`,
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

const TOLD = new Set<ClusterErrorCode>(['ISOLATION_UNAVAILABLE', 'TREE_CACHE'])

/** How a cache gets room. */
const ROOM =
  'npx vitest-cluster clean --trees   # what no session uses\nOr set XDG_CACHE_HOME to a directory on another disk.'

/** What libexec/tree/inside.sh says where overlayfs does not work. */
const NO_OVERLAY = /^overlayfs cannot .* here$/m

async function noNamespace() {
  const { noIsolation, noNamespaces } = await import('../../doctor/explain.ts')
  return (await noNamespaces()) ?? (await noIsolation('range'))
}
