import { lstat, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { ClusterError, messageOf } from '../../errors.ts'
import type { Build } from '../build/step.ts'
import {
  type Blob,
  checkArchitecture,
  dockerImage,
  type Image,
  imageArchitecture,
  ociImage,
} from './image.ts'
import { checkTar, isEmpty, membersOf, removeFiles, unpackFiles, unpackTree } from './unpack.ts'

/** An index may lead to another one; images that people make stop at the second. */
const DEEPEST = 4

/** Unpacks an image: its parts beside the tree, its layers one on the other into it. */
export async function unpackImage(build: Build, file: string): Promise<void> {
  build.say('unpacking the image')
  await unpackFiles(build, file, 'image')
  const { layers, config } = await readImage(build)
  if (config) checkArchitecture(await readJson(build, config), imageArchitecture())
  const paths = await Promise.all(layers.map((layer) => partOf(build, layer)))
  const members = membersOf(build, { layered: true })
  let count = 0
  for (const [index, path] of paths.entries()) {
    build.say(`unpacking layer ${index + 1} of ${paths.length}`)
    // Some are empty: of a command that changed no file
    const own = await checkTar(path, members)
    if (own === 0) continue
    count += own
    await removeFiles(build, members.endLayer())
    await unpackTree(build, path, { layer: true })
  }
  if (count === 0) throw isEmpty()
}

async function readImage(build: Build): Promise<Image> {
  const docker = { path: 'manifest.json', sha256: undefined }
  if (await lstat(join(build.directory, 'image', docker.path)).catch(() => undefined))
    return dockerImage(await readJson(build, docker))
  let next: Blob = { path: 'index.json', sha256: undefined }
  for (let depth = 0; depth < DEEPEST; depth++) {
    const found = ociImage(await readJson(build, next), imageArchitecture())
    if (!('next' in found)) return found
    next = found.next
  }
  throw new ClusterError({
    code: 'TREE_ARCHIVE',
    message: `has no image within ${DEEPEST} indexes`,
    mend: 'Write it anew: skopeo copy … oci-archive:FILE:NAME.',
  })
}

async function readJson(build: Build, blob: Blob): Promise<unknown> {
  const text = await readFile(await partOf(build, blob), 'utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw lacks(blob, messageOf(cause))
  }
}

/**
 * The file of a part. Older images name one twice, by symbolic links: none may lead to a file of the host.
 * @throws ClusterError `TREE_ARCHIVE`, `TREE_CHECKSUM`
 */
async function partOf({ directory, hashes }: Build, blob: Blob): Promise<string> {
  const image = await realpath(join(directory, 'image'))
  const path = await realpath(join(image, blob.path)).catch(() => undefined)
  if (!path?.startsWith(`${image}/`) || !(await lstat(path)).isFile())
    throw lacks(blob, 'there is no such file')
  const found = blob.sha256 === undefined ? undefined : await hashes.file(path)
  if (found === blob.sha256) return path
  throw new ClusterError({
    code: 'TREE_CHECKSUM',
    message: `its ${blob.path} has the sha256 ${found}`,
    mend: 'The image is damaged. Fetch it or write it once more.',
  })
}

function lacks({ path }: Blob, why: string): ClusterError {
  return new ClusterError({
    code: 'TREE_ARCHIVE',
    message: `its ${JSON.stringify(path)} cannot be read: ${why}`,
    mend: 'Write it anew, with all of its layers: docker save NAME, skopeo copy … oci-archive:FILE:NAME.',
  })
}
