import { realpath } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { ArchiveBase } from '../../definition/tree.ts'
import type { Step, StepContext } from '../build/step.ts'
import { unreadable } from '../layer/file-inputs.ts'

/** A root file system from a tar archive, or from an image that `docker save` or an OCI tool has written. */
export function archiveStep(base: ArchiveBase): Step {
  const { source, sha256 } = base
  const remote = /^https?:/i.test(source)
  const name = basename(remote ? new URL(source).pathname : source) || source
  const title = `archive ${name}`
  const local = (context: StepContext) => archiveFile(source, context, title)
  return {
    kind: 'archive',
    title,
    async inputs(context) {
      return { sha256: sha256 ?? (await local(context)).sha256 }
    },
    async make(build) {
      const { download, wrongDigest } = await import('../archive/download.ts')
      const { makeArchive } = await import('./archive-make.ts')
      if (remote && sha256 !== undefined)
        return makeArchive(await download(build, source, sha256), name, build)
      const found = await local(build)
      if (sha256 !== undefined && found.sha256 !== sha256) throw wrongDigest(sha256, found.sha256)
      return makeArchive(found.file, name, build)
    },
  }
}

/** An archive that is a file, with its digest. @throws ClusterError `UNREADABLE_FILE` */
async function archiveFile(
  source: string,
  context: StepContext,
  step: string,
): Promise<{ file: string; sha256: string }> {
  const path = resolve(context.baseDirectory, source)
  try {
    const file = await realpath(path)
    return { file, sha256: await context.hashes.file(file) }
  } catch (cause) {
    throw unreadable(path, context, cause, step)
  }
}
