import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ClusterError, messageOf } from '../../errors.ts'
import type { StepContext } from '../build/step.ts'

/** An archive that is a file, with its digest. @throws ClusterError `UNREADABLE_FILE` */
export async function archiveFile(
  source: string,
  { baseDirectory, hashes }: StepContext,
  step: string,
): Promise<{ file: string; sha256: string }> {
  const path = resolve(baseDirectory, source)
  try {
    const file = await realpath(path)
    return { file, sha256: await hashes.file(file) }
  } catch (cause) {
    throw new ClusterError(
      {
        code: 'UNREADABLE_FILE',
        step,
        message: `cannot read ${path}: ${messageOf(cause)}`,
        mend: `Give a file. Relative paths start from ${baseDirectory}.`,
      },
      { cause },
    )
  }
}
