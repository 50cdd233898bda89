import { quoted } from '../../disk/names.ts'
import { badArchive, isEmpty } from '../archive/bad-archive.ts'
import { withPlainTar } from '../archive/decompress.ts'
import { isImage } from '../archive/image.ts'
import { ROOTFS } from '../archive/members.ts'
import { checkTar, membersOf, unpackTree } from '../archive/unpack.ts'
import { unpackImage } from '../archive/unpack-image.ts'
import type { Build } from '../build/step.ts'

/** Checks an archive and unpacks it. @param name the archive's name for messages @throws ClusterError `TREE_ARCHIVE` and others */
export async function makeArchive(file: string, name: string, build: Build): Promise<void> {
  build.say(`checking ${name}`)
  await withPlainTar(build, file, (tar) => unpack(tar, name, build))
}

async function unpack(file: string, name: string, build: Build): Promise<void> {
  const members = membersOf(build, { layered: false })
  if ((await checkTar(file, members)) === 0) throw isEmpty()
  if (isImage((path) => members.has(path))) return unpackImage(build, file)
  const below = members.rootBelow()
  if (below !== undefined && below !== ROOTFS)
    throw badArchive(
      `has its root file system in the directory ${quoted(below)}, not at the top`,
      `Repack that directory: tar -xf FILE, then tar --numeric-owner -C ${below} -cf NEW.tar .`,
    )
  if (below === undefined && members.isMetadata())
    throw badArchive(
      'contains only the metadata of an LXD or Incus image',
      'Use the other file of the image, which contains the root file system. Convert a squashfs first: unsquashfs FILE, then tar --numeric-owner -C squashfs-root -cf ROOT.tar .',
    )
  build.say(`unpacking ${name}`)
  await unpackTree(build, file, { layer: false, below })
}
