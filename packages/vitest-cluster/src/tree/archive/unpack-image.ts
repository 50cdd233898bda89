import { lstat, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { ClusterError, messageOf } from '../../errors.ts'
import type { Build } from '../build/step.ts'
import { isEmpty } from './bad-archive.ts'
import { withPlainTar } from './decompress.ts'
import * as image from './image.ts'
import { checkTar, membersOf, removeFiles, unpackFiles, unpackTree } from './unpack.ts'

/** The most indexes in a chain. An index may refer to another one; common images have two at most. */
const DEEPEST = 4

/** Unpacks an image: first its parts beside the tree, then its layers one after the other into the tree. */
export async function unpackImage(build: Build, file: string): Promise<void> {
  build.say('unpacking the image')
  await unpackFiles(build, file, 'image')
  const architecture = image.imageArchitecture()
  const { layers, config } = await readImage(build, architecture)
  if (config) image.checkArchitecture(await readJson(build, config), architecture)
  const paths = await Promise.all(layers.map((layer) => partOf(build, layer)))
  const members = membersOf(build, { layered: true })
  let count = 0
  for (const [index, path] of paths.entries()) {
    build.say(`unpacking layer ${index + 1} of ${paths.length}`)
    await withPlainTar(build, path, async (tar) => {
      const own = await checkTar(tar, members)
      // The layer of a command that changed no file is empty
      if (own === 0) return
      count += own
      await removeFiles(build, members.endLayer())
      await unpackTree(build, tar, { layer: true })
    })
  }
  if (count === 0) throw isEmpty()
}

async function readImage(build: Build, architecture: string): Promise<image.Image> {
  const docker = { path: 'manifest.json', sha256: undefined }
  if (await lstat(join(build.directory, 'image', docker.path)).catch(() => undefined))
    return image.dockerImage(await readJson(build, docker))
  let next: image.Blob = { path: 'index.json', sha256: undefined }
  for (let depth = 0; depth < DEEPEST; depth++) {
    const found = image.ociImage(await readJson(build, next), architecture)
    if (!('next' in found)) return found
    next = found.next
  }
  throw image.wrongImage(`has a chain of more than ${DEEPEST} indexes`)
}

async function readJson(build: Build, blob: image.Blob): Promise<unknown> {
  const text = await readFile(await partOf(build, blob), 'utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw lacks(blob, messageOf(cause))
  }
}

/**
 * The file of a part. Older images share parts by symbolic links, which must not lead to a file of the host.
 * @throws ClusterError `TREE_ARCHIVE`, `TREE_CHECKSUM`
 */
async function partOf({ directory, hashes }: Build, blob: image.Blob): Promise<string> {
  const parts = await realpath(join(directory, 'image'))
  const path = await realpath(join(parts, blob.path)).catch(() => undefined)
  if (!path?.startsWith(`${parts}/`) || !(await lstat(path)).isFile())
    throw lacks(blob, 'there is no such file in the image')
  const found = blob.sha256 === undefined ? undefined : await hashes.file(path)
  if (found === blob.sha256) return path
  throw new ClusterError({
    code: 'TREE_CHECKSUM',
    message: `${blob.path} in the image has the wrong sha256 ${found}`,
    fix: 'The image is damaged. Download it or write it again.',
  })
}

function lacks({ path }: image.Blob, why: string): ClusterError {
  return image.wrongImage(`refers to ${JSON.stringify(path)}, which cannot be read: ${why}`)
}
