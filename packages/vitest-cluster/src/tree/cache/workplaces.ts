import { lstat, readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeAll } from '../../disk/remove.ts'
import { messageOf } from '../../errors.ts'
import type { Ids } from '../build/ids.ts'
import { takeLock, tryLock } from './lock.ts'
import type { TreeStore } from './store.ts'

/** `WANTED.RANDOM`, see {@link TreeStore.workplace}. */
const NAME = /^([0-9a-f]{32}|removed|verify)\.[0-9a-f]{8}$/
/** Of a reason, which may name a path of 4,000 characters. */
const SHOWN = 200

/** A directory of a build that could not be removed. */
export interface Left {
  readonly path: string
  readonly why: string
}

/**
 * Takes a lock, and makes a directory of the namespace's root that goes with it. What those left who had the lock and were
 * killed is removed before.
 * @param name the lock's, and how the directory's name begins: a wanted key, `removed` or `verify`
 * @param onWait called where somebody else has the lock
 * @param onLeft told of each directory that could not be removed
 */
export async function inWorkplace<T>(
  { store, ids }: { readonly store: TreeStore; readonly ids: Ids },
  name: string,
  { onWait, onLeft }: { onWait(): void; onLeft(left: Left): void },
  use: (directory: string) => Promise<T>,
): Promise<T> {
  const lock = await takeLock(store.lockFile(name), onWait)
  try {
    await clearWorkplaces(store, ids, name, onLeft)
    const directory = await store.workplace(name, ids.base)
    try {
      return await use(directory)
    } finally {
      await removeWorkplace(directory, ids, onLeft)
    }
  } finally {
    lock.release()
  }
}

/**
 * Removes a build's directory with all that is in it. Never rejects: whoever has made something, or wants to, is not
 * to fail by what is left.
 */
async function removeWorkplace(
  directory: string,
  ids: Ids,
  onLeft: (left: Left) => void,
): Promise<void> {
  const name = directory.slice(directory.lastIndexOf('/') + 1)
  const stat = await lstat(directory).catch(() => undefined)
  if (!stat?.isDirectory() || !NAME.test(name)) return
  // Root's is still his own where a run was killed before it gave it away
  if (![ids.base, process.getuid?.()].includes(stat.uid)) return
  const failed = await failure(removeAll(directory))
  if (!failed) return
  // Some of it may belong to subordinate uids: theirs to remove
  const said = ids.base === undefined ? await failure(removeInside(directory, ids)) : undefined
  if (await lstat(directory).catch(() => undefined))
    onLeft({ path: directory, why: messageOf(said ?? failed).slice(0, SHOWN) })
}

async function removeInside(directory: string, ids: Ids): Promise<void> {
  const namespace = { ...ids, directory, lower: undefined }
  const argv = ['find', '.', '-xdev', '-mindepth', '1', '-delete']
  const { runInNamespace } = await import('../build/namespace.ts')
  // Root of the namespace needs no modes. They must not change: files in here are also those of other trees
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
 * Removes what builds left that were killed: nobody holds their lock any more. Goes on where one cannot be removed.
 * @param held the name whose lock this process holds itself
 */
async function clearWorkplaces(
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
    await removeWorkplace(join(building, name), ids, onLeft).finally(() => lock?.release())
  }
}

/** What people are told of it. */
export function describeLeft({ path, why }: Left): string {
  return `the build's ${path} could not be removed: ${why}. By hand: sudo rm -rf ${path}`
}
