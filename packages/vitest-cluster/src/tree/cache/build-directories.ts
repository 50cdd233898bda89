import { lstat, readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeAll } from '../../disk/remove.ts'
import { messageOf } from '../../errors.ts'
import type { Ids } from '../build/ids.ts'
import { takeLock, tryLock } from './lock.ts'
import type { TreeStore } from './store.ts'

/** `WANTED.RANDOM`, see {@link TreeStore.buildDirectory}. */
const NAME = /^([0-9a-f]{32}|removed|verify)\.[0-9a-f]{8}$/
/** The most characters of an error's reason, which may contain a path of 4,000 characters. */
const SHOWN = 200

/** A directory of a build that could not be removed. */
export interface Left {
  readonly path: string
  readonly why: string
}

/**
 * Acquires a lock and creates a directory for the time of the lock, owned by the namespace's root. First removes the
 * directories of processes that were killed while they had the lock.
 * @param name the name of the lock, and the prefix of the directory's name: a wanted key, `removed` or `verify`
 * @param onWait called if another process has the lock
 * @param onLeft called with each directory that could not be removed
 */
export async function inBuildDirectory<T>(
  { store, ids }: { readonly store: TreeStore; readonly ids: Ids },
  name: string,
  { onWait, onLeft }: { onWait(): void; onLeft(left: Left): void },
  use: (directory: string) => Promise<T>,
): Promise<T> {
  const lock = await takeLock(store.lockFile(name), onWait)
  try {
    await clearBuildDirectories(store, ids, name, onLeft)
    const directory = await store.buildDirectory(name, ids.base)
    try {
      return await use(directory)
    } finally {
      await removeBuildDirectory(directory, ids, onLeft)
    }
  } finally {
    lock.release()
  }
}

/**
 * Removes a build's directory and its content. Never rejects: leftovers must not make a build fail.
 */
async function removeBuildDirectory(
  directory: string,
  ids: Ids,
  onLeft: (left: Left) => void,
): Promise<void> {
  const name = directory.slice(directory.lastIndexOf('/') + 1)
  const stat = await lstat(directory).catch(() => undefined)
  if (!stat?.isDirectory() || !NAME.test(name)) return
  // Of root's runs, one that was killed early may not have given the directory to the range's first uid
  if (![ids.base, process.getuid?.()].includes(stat.uid)) return
  const failed = await failure(removeAll(directory))
  if (!failed) return
  // Some files may belong to subordinate uids: they can be removed in the user namespace
  const said = ids.base === undefined ? await failure(removeInside(directory, ids)) : undefined
  if (await lstat(directory).catch(() => undefined))
    onLeft({ path: directory, why: messageOf(said ?? failed).slice(0, SHOWN) })
}

async function removeInside(directory: string, ids: Ids): Promise<void> {
  const namespace = { ...ids, directory, lower: undefined }
  const argv = ['find', '.', '-xdev', '-mindepth', '1', '-delete']
  const { runInNamespace } = await import('../build/namespace.ts')
  // Without chmod: root of the namespace needs no permissions, and the files are hard links to those of other trees
  const { exitCode, lines } = await runInNamespace(namespace, 'host', argv)
  if (exitCode !== 0) throw new Error(lines[0] ?? `find ended with ${exitCode}`)
  await rmdir(directory)
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/**
 * Removes the directories of builds that were killed: nobody holds their locks. Continues if one cannot be removed.
 * @param held the name of the lock that this process itself holds
 */
async function clearBuildDirectories(
  store: TreeStore,
  ids: Ids,
  held: string,
  onLeft: (left: Left) => void,
): Promise<void> {
  const building = join(store.directory, 'building')
  for (const name of await readdir(building)) {
    const wanted = NAME.exec(name)?.[1]
    if (!wanted) continue
    const lock = wanted === held ? undefined : await tryLock(store.lockFile(wanted))
    if (!lock && wanted !== held) continue
    await removeBuildDirectory(join(building, name), ids, onLeft).finally(() => lock?.release())
  }
}

/** The message for the user. */
export function describeLeft({ path, why }: Left): string {
  return `the directory ${path} of a build could not be removed: ${why}. Remove it by: sudo rm -rf ${path}`
}
