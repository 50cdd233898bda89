import { lstat, readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../errors.ts'
import type { Ids } from '../build/ids.ts'
import { tryLock } from './lock.ts'
import type { TreeStore } from './store.ts'

/** `WANTED.RANDOM`, see {@link TreeStore.workplace}. */
const NAME = /^([0-9a-f]{32}|removed|verify)\.[0-9a-f]{8}$/

/** Removes a build's directory with all that is in it. */
export async function removeWorkplace(directory: string, ids: Ids): Promise<void> {
  const name = directory.slice(directory.lastIndexOf('/') + 1)
  const stat = await lstat(directory).catch(() => undefined)
  if (!stat?.isDirectory() || !NAME.test(name)) return
  // Root's is still his own where a run was killed before it gave it away
  if (![ids.base, process.getuid?.()].includes(stat.uid)) return
  const gone = await rm(directory, { recursive: true, force: true }).then(
    () => true,
    (error: unknown) => {
      if (ids.base === undefined && errnoOf(error) === 'EACCES') return false
      throw error
    },
  )
  if (gone) return
  // Some of it belongs to subordinate uids: theirs to remove
  const namespace = { ...ids, directory, lower: undefined }
  const argv = ['find', '.', '-xdev', '-mindepth', '1', '-delete']
  const { runInNamespace } = await import('../build/namespace.ts')
  // Root of the namespace needs no modes. They must not change: files in here are also those of other trees
  await runInNamespace(namespace, 'host', argv)
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
      lock?.release()
    }
  }
}
