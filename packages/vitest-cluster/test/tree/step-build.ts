import { chmod, chown } from 'node:fs/promises'
import { join } from 'node:path'
import { makePath } from '../../src/disk/modes.ts'
import { FileHashes } from '../../src/tree/build/hashes.ts'
import { machineIds } from '../../src/tree/build/ids.ts'
import type { Build } from '../../src/tree/build/step.ts'
import { workspace } from '../../src/tree/build/workspace.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

/** An empty build, which is removed when the test ends, with its messages. */
export async function stepBuild(options: { uids?: 'one' } = {}) {
  const baseDirectory = await temporaryDirectory()
  const store = await temporaryDirectory()
  // Like the cache: root's trees belong to other uids, which have to enter it
  await chmod(store, 0o711)
  const ids = { ...(await machineIds()), ...options }
  if (options.uids === 'one') ids.base = undefined
  const directory = join(store, 'building/one')
  await makePath(directory, 0o711)
  if (ids.base !== undefined) await chown(directory, ids.base, ids.base)
  const said: string[] = []
  const build: Build = workspace({
    ...ids,
    baseDirectory,
    directory,
    downloads: join(store, 'downloads'),
    hashes: new FileHashes(),
    lower: undefined,
    say: (message) => said.push(message),
  })
  const list = async (argv: readonly string[]) => {
    const { stdout, lines, exitCode } = await build.onHost([
      'sh',
      '-c',
      'cd root && exec "$@"',
      'sh',
      ...argv,
    ])
    if (exitCode !== 0) throw new Error(lines.join('\n'))
    return stdout.split('\n').filter(Boolean).sort()
  }
  return {
    build,
    said,
    /** Every file of the tree, as printed by `find -printf`. */
    files: (format = '%y %P') => list(['find', '.', '-mindepth', '1', '-printf', `${format}\\n`]),
    text: async (path: string) => (await list(['cat', path])).join('\n'),
  }
}
