import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { bytesOf } from '../../disk/names.ts'
import { BLOCK, padding, writeHeader } from '../archive/tar.ts'
import { runFailed } from './failure.ts'
import type { Rewriting } from './rewrite.ts'
import type { Build, PatchFile } from './step.ts'

/**
 * Rewrites a tree as root of the build's namespace, see libexec/tree/rewrite.sh: whatever the owners are, and also where
 * the tree has to be made from the one below first.
 * @param there whether it is there, as an earlier version of the layer left it
 */
export async function rewriteByTar(
  build: Build,
  below: string,
  there: boolean,
  { gone, changed }: Rewriting,
): Promise<void> {
  const lower = `../../entries/${below}/root`
  await writeFile(join(build.directory, 'gone'), bytesOf(gone.map((path) => `${path}\0`).join('')))
  await build.adopt('gone')
  const argv = ['sh', 'rewrite.sh', lower, there ? 'keep' : 'clone']
  const result = await build.onHost(argv, { input: Readable.from(archive(changed)) })
  if (result.exitCode !== 0) throw runFailed('writing files', result)
}

/** A tar of the files (tar(5)). */
function* archive(files: readonly PatchFile[]): Generator<Buffer> {
  for (const { content, type, ...file } of files) {
    if (type === 'file') {
      const bytes = Buffer.from(content)
      yield writeHeader({ ...file, type, name: file.path, size: bytes.length })
      yield bytes
      yield padding(bytes.length)
    } else {
      const linkname = type === 'symlink' ? `${content}` : ''
      yield writeHeader({ ...file, type, name: file.path, linkname, size: 0 })
    }
  }
  yield Buffer.alloc(2 * BLOCK)
}
