import { statfs } from 'node:fs/promises'
import { ClusterError, errnoOf, isClusterError, messageOf } from '../../errors.ts'
import type { RunResult, Step } from './step.ts'

/** The error for a program of ours that failed for a reason that nobody foresaw. */
export function runFailed(what: string, { exitCode, lines }: RunResult): ClusterError {
  return new ClusterError({
    code: 'TREE_FAILED',
    message: `${what} ended with ${exitCode}`,
    mend: 'The last lines say why.',
    log: lines,
  })
}

/** Adds the step, and says what shows as anything at all: a full disk, a file system without what overlayfs needs. */
export async function explainFailure(
  error: unknown,
  { title }: Step,
  directory: string,
): Promise<unknown> {
  const details = isClusterError(error) ? error.details : undefined
  const said = `${messageOf(error)}\n${details?.log?.join('\n') ?? ''}`
  const cause = { cause: error }
  if (
    errnoOf(error) === 'ENOSPC' ||
    /No space left on device|Disk quota exceeded/.test(said) ||
    (await isFull(directory))
  ) {
    return new ClusterError(
      {
        code: 'DISK_FULL',
        step: title,
        message: `the disk of ${directory} is full`,
        mend: `npx vitest-cluster clean --trees   # what no session uses\nOr set XDG_CACHE_HOME to a directory on another disk.`,
        log: details?.log,
      },
      cause,
    )
  }
  if (/mount: .*root: |wrong fs type, bad option, bad superblock on overlay/.test(said)) {
    return new ClusterError(
      {
        code: 'TREE_CACHE',
        step: title,
        message: `layers cannot be made in ${directory}: its file system, or this kernel, has not what overlayfs needs there (user xattrs, Linux 5.11)`,
        mend: 'Set XDG_CACHE_HOME to a directory on ext4, xfs or btrfs.',
        log: details?.log,
      },
      cause,
    )
  }
  if (details) return details.step ? error : new ClusterError({ ...details, step: title }, cause)
  return error
}

async function isFull(directory: string): Promise<boolean> {
  const stat = await statfs(directory).catch(() => undefined)
  return stat !== undefined && stat.bavail * stat.bsize < 64 * 1024
}
