import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
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
  const argv = ['sh', 'rewrite.sh', lower, there ? 'keep' : 'clone', ...gone]
  const result = await build.onHost(argv, { input: archive(changed) })
  if (result.exitCode !== 0) throw runFailed('writing files', result)
}

/** A tar of the files (tar(5)). */
function archive(files: readonly PatchFile[]): Readable {
  const tar = pack()
  for (const { path, type, mode, uid, gid, content } of files) {
    const header = { name: path, type, mode, uid, gid, mtime: new Date() }
    if (type === 'file') tar.entry(header, Buffer.from(content))
    else tar.entry(type === 'symlink' ? { ...header, linkname: `${content}` } : header)
  }
  tar.finalize()
  return Readable.from(tar)
}
