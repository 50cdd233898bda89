import { realpath } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { ArchiveBase } from '../../definition/tree.ts'
import { ClusterError, messageOf } from '../../errors.ts'
import { wrongDigest } from '../archive/digest.ts'
import { download } from '../archive/download.ts'
import { isImage } from '../archive/image.ts'
import { checkTar, membersOf, unpackTree } from '../archive/unpack.ts'
import { unpackImage } from '../archive/unpack-image.ts'
import type { Build, Step, StepContext } from '../build/step.ts'

/** A root file system that is a tar, or an image as `docker save` and OCI tools write it. */
export function archiveStep({ source, sha256 }: ArchiveBase): Step {
  const remote = /^https?:/i.test(source)
  const name = basename(remote ? new URL(source).pathname : source) || source
  const title = `archive ${name}`
  return {
    kind: 'archive',
    title,
    async inputs(context) {
      return { sha256: sha256 ?? (await local(source, context, title)).sha256 }
    },
    async make(build) {
      const file =
        remote && sha256 !== undefined
          ? await download(build, source, sha256)
          : await checked(source, sha256, build, title)
      build.say(`looking through ${name}`)
      const members = membersOf(build, { layered: false })
      await checkTar(file, members)
      if (isImage((path) => members.has(path))) return unpackImage(build, file)
      build.say(`unpacking ${name}`)
      await unpackTree(build, file, { layer: false })
    },
  }
}

async function checked(
  source: string,
  sha256: string | undefined,
  build: Build,
  title: string,
): Promise<string> {
  const found = await local(source, build, title)
  if (sha256 !== undefined && found.sha256 !== sha256) throw wrongDigest(sha256, found.sha256)
  return found.file
}

async function local(source: string, { baseDirectory, hashes }: StepContext, step: string) {
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
