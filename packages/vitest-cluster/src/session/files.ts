import { chown, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Files } from '../definition/service.ts'
import { ClusterError } from '../errors.ts'

/**
 * Writes a service's files below its directory; 0600 unless they say otherwise.
 * @throws ClusterError `INVALID_DEFINITION` for a path that leaves the directory
 */
export async function writeFiles(
  directory: string,
  files: Files,
  owner?: { readonly uid: number; readonly gid: number },
): Promise<void> {
  await Promise.all(
    Object.entries(files).map(async ([path, file]) => {
      const target = join(directory, path)
      if (relative(directory, target).startsWith('..') || path === '') {
        throw new ClusterError({
          code: 'INVALID_DEFINITION',
          message: `the file ${JSON.stringify(path)} would leave the service's directory`,
          mend: 'Give paths relative to the directory, without ..',
        })
      }
      const { content, mode } = typeof file === 'string' ? { content: file, mode: 0o600 } : file
      const made = await mkdir(dirname(target), { recursive: true, mode: 0o755 })
      await writeFile(target, content, { mode })
      if (!owner || owner.uid === process.getuid?.()) return
      await chown(target, owner.uid, owner.gid)
      for (
        let parent = dirname(target);
        made && parent.startsWith(made);
        parent = dirname(parent)
      ) {
        await chown(parent, owner.uid, owner.gid)
      }
    }),
  )
}
