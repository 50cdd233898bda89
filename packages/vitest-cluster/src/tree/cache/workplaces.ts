import { lstat, readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ids } from '../build/ids.ts'
import { runInNamespace } from '../build/namespace.ts'
import { tryLock } from './lock.ts'
import type { TreeStore } from './store.ts'

/** `WANTED.RANDOM`, see {@link TreeStore.workplace}. */
const NAME = /^([0-9a-f]{32}|removed|verify)\.[0-9a-f]{8}$/

/** Removes a build's directory with all that is in it. Its files may belong to subordinate uids: theirs to remove. */
export async function removeWorkplace(directory: string, ids: Ids): Promise<void> {
  const name = directory.slice(directory.lastIndexOf('/') + 1)
  const stat = await lstat(directory).catch(() => undefined)
  if (!stat?.isDirectory() || !NAME.test(name)) return
  const owner = ids.base ?? process.getuid?.()
  if (stat.uid !== owner) return
  if (ids.base !== undefined) {
    // Root may remove anybody's files by himself
    await rm(directory, { recursive: true, force: true })
    return
  }
  const namespace = { ...ids, directory, lower: undefined }
  // Root of the namespace needs no modes. They must not change: files in here are also those of other trees
  await runInNamespace(namespace, 'host', ['find', '.', '-xdev', '-mindepth', '1', '-delete'])
  await rmdir(directory).catch(() => {})
}

/**
 * Removes what builds left that were killed: nobody holds their lock any more.
 * @param held the wanted key whose lock this process holds itself
 */
export async function clearWorkplaces(store: TreeStore, ids: Ids, held: string): Promise<void> {
  const building = join(store.directory, 'building')
  for (const name of await readdir(building)) {
    const wanted = NAME.exec(name)?.[1]
    if (!wanted) continue
    const lock = wanted === held ? undefined : await tryLock(store.lockFile(wanted))
    if (!lock && wanted !== held) continue
    try {
      await removeWorkplace(join(building, name), ids)
    } finally {
      await lock?.release()
    }
  }
}
