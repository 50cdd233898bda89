import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { machineIds } from '../build/ids.ts'
import { chooseTrees, keepOrder, type Wishes } from './choose.ts'
import { takeLock } from './lock.ts'
import { sizesOf } from './sizes.ts'
import { TreeStore } from './store.ts'
import { type Surveyed, survey } from './survey.ts'
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

function isDirectory(path: string): Promise<boolean> {
  return lstat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  )
}
