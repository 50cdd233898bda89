import type { ArchiveBase } from '../../definition/tree.ts'
import { quoted } from '../../disk/names.ts'
import { ClusterError } from '../../errors.ts'
import { wrongDigest } from '../archive/digest.ts'
import { download } from '../archive/download.ts'
import { isImage } from '../archive/image.ts'
import { ROOTFS } from '../archive/members.ts'
import { checkTar, isEmpty, membersOf, unpackTree } from '../archive/unpack.ts'
import { unpackImage } from '../archive/unpack-image.ts'
import type { Build } from '../build/step.ts'
import { archiveFile } from './archive-file.ts'

export interface Archive {
  readonly remote: boolean
  /** For people. */
  readonly name: string
  readonly title: string
}

/** Fetches an archive where it is not here, looks through it, and unpacks it. @throws ClusterError `TREE_ARCHIVE` and others */
export async function makeArchive(
  { source, sha256 }: ArchiveBase,
  build: Build,
  { remote, name, title }: Archive,
): Promise<void> {
  const file =
    remote && sha256 !== undefined
      ? await download(build, source, sha256)
      : await checked(source, sha256, build, title)
  build.say(`looking through ${name}`)
  const members = membersOf(build, { layered: false })
  if ((await checkTar(file, members)) === 0) throw isEmpty()
  if (isImage((path) => members.has(path))) return unpackImage(build, file)
  const below = members.rootBelow()
  if (below !== undefined && below !== ROOTFS) throw elsewhere(below)
  if (below === undefined && members.isMetadata()) throw metadata()
  build.say(`unpacking ${name}`)
  await unpackTree(build, file, { layer: false, below })
}

function elsewhere(below: string): ClusterError {
  return new ClusterError({
    code: 'TREE_ARCHIVE',
    message: `has its root file system in the directory ${quoted(below)}, and not at its top`,
    mend: `Make it anew from there: tar -xf FILE, then tar --numeric-owner -C ${below} -cf NEW.tar .`,
  })
}

function metadata(): ClusterError {
  return new ClusterError({
    code: 'TREE_ARCHIVE',
    message: 'has the metadata of an LXD or Incus image, and not its root file system',
    mend: 'That is the other file of the image. A squashfs is not read: unsquashfs it, then tar --numeric-owner -C squashfs-root -cf ROOT.tar .',
  })
}

async function checked(
  source: string,
  sha256: string | undefined,
  build: Build,
  title: string,
): Promise<string> {
  const found = await archiveFile(source, build, title)
  if (sha256 !== undefined && found.sha256 !== sha256) throw wrongDigest(sha256, found.sha256)
  return found.file
}
