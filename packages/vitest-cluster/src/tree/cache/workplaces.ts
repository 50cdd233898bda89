import { lstat, readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeAll } from '../../disk/remove.ts'
import { messageOf } from '../../errors.ts'
import type { Ids } from '../build/ids.ts'
import { tryLock } from './lock.ts'
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
 * Removes a build's directory with all that is in it. Never rejects: whoever has made something, or wants to, is not
 * to fail by what is left.
 * @returns what is left of it
 */
export async function removeWorkplace(directory: string, ids: Ids): Promise<Left | undefined> {
  const name = directory.slice(directory.lastIndexOf('/') + 1)
  const stat = await lstat(directory).catch(() => undefined)
  if (!stat?.isDirectory() || !NAME.test(name)) return undefined
  // Root's is still his own where a run was killed before it gave it away
  if (![ids.base, process.getuid?.()].includes(stat.uid)) return undefined
  const failed = await failure(removeAll(directory))
  if (!failed) return undefined
  // Some of it may belong to subordinate uids: theirs to remove
  const said = ids.base === undefined ? await failure(removeInside(directory, ids)) : undefined
  if (!(await lstat(directory).catch(() => undefined))) return undefined
  return { path: directory, why: messageOf(said ?? failed).slice(0, SHOWN) }
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
 * @param held the wanted key whose lock this process holds itself
 * @returns what is left
 */
export async function clearWorkplaces(
  store: TreeStore,
  ids: Ids,
  held: string,
): Promise<readonly Left[]> {
  const building = join(store.directory, 'building')
  const left: Left[] = []
  for (const name of await readdir(building)) {
    const wanted = NAME.exec(name)?.[1]
    if (!wanted) continue
    const lock = wanted === held ? undefined : await tryLock(store.lockFile(wanted))
    if (!lock && wanted !== held) continue
    try {
      const one = await removeWorkplace(join(building, name), ids)
      if (one) left.push(one)
    } finally {
      lock?.release()
    }
  }
  return left
}

/** What people are told of it. */
export function describeLeft({ path, why }: Left): string {
  return `the build's ${path} could not be removed: ${why}. By hand: sudo rm -rf ${path}`
}
