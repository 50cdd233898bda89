import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runFailed } from '../build/failure.ts'
import { type Ids, machineIds } from '../build/ids.ts'
import { runInNamespace } from '../build/namespace.ts'
import { chooseTrees, keepOrder, type Surveyed, survey, type Wishes } from './choose.ts'
import { TreeStore } from './store.ts'
import { tidy } from './tidy.ts'
import { inWorkplace, type Left } from './workplaces.ts'

/** The lock of whoever removes trees, and what the directories are called by in which they go. */
const REMOVED = 'removed'

/** A tree that went, or that was to go and stayed because it is used. */
export interface CleanedTree {
  readonly key: string
  readonly title: string
  /** Bytes on disk that no other tree has. */
  readonly bytes: number
  /** `session-1a2b3c4d`, `process-1234-0`. */
  readonly users: readonly string[]
}

export interface CleanedTrees {
  readonly removed: readonly CleanedTree[]
  readonly kept: readonly CleanedTree[]
  /** Directories of builds and of trees that went, which could not be removed. */
  readonly left: readonly Left[]
  /** Whether somebody makes a tree now. */
  readonly busy: boolean
}

/**
 * Removes trees from the cache, never one that somebody uses, and what builds left that were killed. Each is moved
 * away before anything of it is deleted: who is killed meanwhile leaves what the next build or `clean` removes.
 * @param choose which trees; undefined for none
 * @param onWait called where another `clean` is at work
 * @throws what `choose` throws
 */
export async function cleanTrees(
  choose: ((trees: readonly Surveyed[]) => Wishes) | undefined,
  onWait: () => void,
  store = new TreeStore(),
): Promise<CleanedTrees> {
  if (!(await isDirectory(store.directory))) {
    choose?.([])
    return { removed: [], kept: [], left: [], busy: false }
  }
  store.prepare()
  const ids = await machineIds()
  const left: Left[] = []
  const removed: CleanedTree[] = []
  const kept: CleanedTree[] = []
  const remove = async (directory: string) => {
    if (!choose) return tidy(store, REMOVED)
    const trees = await survey(store)
    const wishes = choose(trees)
    const ordered = keepOrder(trees, wishes)
    const keys = ordered.map(({ key }) => key)
    const sizes = await sizesOf(ids, directory, keys)
    for (const { key, title } of chooseTrees(ordered, sizes, wishes)) {
      const gone = await store.withdraw(key, join(directory, key))
      const users = gone ? [] : store.uses.of(key)
      // Others remove trees, too
      if (!gone && !(await isDirectory(store.entryDirectory(key)))) continue
      ;(gone ? removed : kept).push({ key, title, bytes: sizes.get(key) ?? 0, users })
    }
    return tidy(store, REMOVED)
  }
  const onLeft = (one: Left) => void left.push(one)
  const busy = await inWorkplace({ store, ids }, REMOVED, { onWait, onLeft }, remove)
  return { removed, kept, left, busy }
}

/**
 * The bytes that each entry has on disk besides those before it in the list: trees share files by hard links, and
 * du(1) counts a file with the first that has it. So what is removed from the end of the list frees its numbers.
 * @param directory a directory of `building`, of the namespace's root
 */
async function sizesOf(
  ids: Ids,
  directory: string,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const sizes = new Map<string, number>()
  if (keys.length === 0) return sizes
  const argv = ['du', '--summarize', '--block-size=1', '--files0-from=-']
  // Manifests are shared, too
  const parts = ['root', 'entry.json', 'manifest']
  const input = keys
    .flatMap((key) => parts.map((part) => `../../entries/${key}/${part}\0`))
    .join('')
  const namespace = { ...ids, directory, lower: undefined }
  const result = await runInNamespace(namespace, 'host', argv, { input })
  for (const line of result.stdout.split('\n')) {
    const [, size, key] = /^(\d+)\t.*\/([0-9a-f]+)\/[^/]+$/.exec(line) ?? []
    if (key) sizes.set(key, (sizes.get(key) ?? 0) + Number(size))
  }
  // du(1) names an entry that has lost its files, and goes on
  if (result.exitCode > 1) throw runFailed('du', result)
  return sizes
}

/**
 * Removes what was downloaded for trees and that nobody has read since.
 * @param usedBefore milliseconds since 1970; the file system may know the last use to a day only (mount(8), relatime)
 * @returns the bytes that freed
 */
export async function removeDownloads(
  usedBefore: number,
  directory = new TreeStore().downloads,
): Promise<number> {
  let freed = 0
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name)
    const stat = await lstat(path).catch(() => undefined)
    if (!stat || Math.max(stat.atimeMs, stat.mtimeMs) >= usedBefore) continue
    await rm(path, { force: true })
    freed += stat.blocks * 512
  }
  return freed
}

function isDirectory(path: string): Promise<boolean> {
  return lstat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  )
}
