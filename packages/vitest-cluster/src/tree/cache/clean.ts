import { lstat, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { runFailed } from '../build/failure.ts'
import { type Ids, machineIds } from '../build/ids.ts'
import { runInNamespace } from '../build/namespace.ts'
import { chooseTrees, keepOrder, type Surveyed, survey, type Wishes } from './choose.ts'
import { takeLock } from './lock.ts'
import { TreeStore } from './store.ts'
import { tidy } from './tidy.ts'
import { clearWorkplaces, type Left, removeWorkplace } from './workplaces.ts'

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
  const lock = await takeLock(store.lockFile(REMOVED), onWait)
  try {
    const left = [...(await clearWorkplaces(store, ids, REMOVED))]
    const cleaned = { removed: [] as CleanedTree[], kept: [] as CleanedTree[], left }
    if (choose) {
      const trees = await survey(store)
      const wishes = choose(trees)
      const directory = await store.workplace(REMOVED, ids.base)
      try {
        const ordered = keepOrder(trees, wishes)
        const keys = ordered.map(({ key }) => key)
        const sizes = await sizesOf(store, ids, directory, keys)
        for (const { key, title } of chooseTrees(ordered, sizes, wishes)) {
          const gone = await store.withdraw(key, join(directory, key))
          const users = gone ? [] : store.uses.of(key)
          // Others remove trees, too
          if (!gone && !(await isDirectory(store.entryDirectory(key)))) continue
          const tree = { key, title, bytes: sizes.get(key) ?? 0, users }
          cleaned[gone ? 'removed' : 'kept'].push(tree)
        }
      } finally {
        const own = await removeWorkplace(directory, ids)
        if (own) left.push(own)
      }
    }
    return { ...cleaned, busy: await tidy(store, REMOVED) }
  } finally {
    lock.release()
  }
}

/**
 * The bytes that each entry has on disk besides those before it in the list: trees share files by hard links, and
 * du(1) counts a file with the first that has it. So what is removed from the end of the list frees its numbers.
 * @param directory a directory of `building`, of the namespace's root
 */
async function sizesOf(
  store: TreeStore,
  ids: Ids,
  directory: string,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const sizes = new Map<string, number>()
  if (keys.length === 0) return sizes
  const argv = ['du', '--summarize', '--block-size=1', '--files0-from=-']
  const input = keys.map((key) => `../../entries/${key}/root\0`).join('')
  const namespace = { ...ids, directory, lower: undefined }
  const result = await runInNamespace(namespace, 'host', argv, { input })
  for (const line of result.stdout.split('\n')) {
    const [, size, key] = /^(\d+)\t.*\/([0-9a-f]+)\/root$/.exec(line) ?? []
    if (key) sizes.set(key, Number(size))
  }
  // du(1) names an entry that has lost its files, and goes on
  if (result.exitCode > 1) throw runFailed('du', result)
  await addRecords(store, keys, sizes)
  return sizes
}

/** What stands beside the files; manifests are shared, too. */
async function addRecords(
  store: TreeStore,
  keys: readonly string[],
  sizes: Map<string, number>,
): Promise<void> {
  const seen = new Set<number>()
  for (const key of keys) {
    for (const name of ['entry.json', 'manifest']) {
      const found = await stat(join(store.entryDirectory(key), name)).catch(() => undefined)
      if (!found || seen.has(found.ino)) continue
      seen.add(found.ino)
      sizes.set(key, (sizes.get(key) ?? 0) + found.blocks * 512)
    }
  }
}

/**
 * Removes what was downloaded for trees and that nobody has read since. Directories stay.
 * @param usedBefore milliseconds since 1970; the file system may know the last use to a day only (mount(8), relatime)
 * @returns the bytes that came free
 */
export async function removeDownloads(
  usedBefore: number,
  directory = new TreeStore().downloads,
): Promise<number> {
  let freed = 0
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name)
    const stat = await lstat(path).catch(() => undefined)
    if (!stat) continue
    if (stat.isDirectory()) freed += await removeDownloads(usedBefore, path)
    else if (Math.max(stat.atimeMs, stat.mtimeMs) < usedBefore) {
      await rm(path, { force: true })
      if (stat.nlink === 1) freed += stat.blocks * 512
    }
  }
  return freed
}

function isDirectory(path: string): Promise<boolean> {
  return lstat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  )
}
