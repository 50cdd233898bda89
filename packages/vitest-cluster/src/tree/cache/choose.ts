import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readEntry } from './entry.ts'
import type { TreeStore } from './store.ts'

/** A tree in the cache, described without reading its files. */
export interface Surveyed {
  readonly key: string
  readonly title: string
  readonly below: string | undefined
  /** Milliseconds since 1970. A use of a tree counts as a use of all trees below it. */
  readonly lastUse: number
  /** `session-1a2b3c4d`, `process-1234-0`. */
  readonly users: readonly string[]
}

/** All trees in the cache, also those of other versions of this library and unreadable ones. */
export async function survey(store: TreeStore): Promise<Surveyed[]> {
  const keys = await store.keys()
  const found = await Promise.all(
    keys.map(async (key) => {
      const directory = store.entryDirectory(key)
      const entry = readEntry(directory)
      const record = entry ? join(directory, 'entry.json') : directory
      const lastUse = (await stat(record).catch(() => undefined))?.mtimeMs ?? 0
      const users = store.uses.of(key)
      return { key, title: entry?.title ?? 'unreadable', below: entry?.below, lastUse, users }
    }),
  )
  return passedDown(found)
}

/**
 * Passes the time of last use on to the trees below. A session only reads the topmost entry, but that needs the trees
 * below: these get a time that is later by a thousandth of a millisecond, so that they are kept before the layer. Pure.
 */
export function passedDown(trees: readonly Surveyed[]): Surveyed[] {
  const lastUse = new Map(trees.map(({ key, lastUse }) => [key, lastUse]))
  const belowOf = new Map(trees.map(({ key, below }) => [key, below]))
  for (const tree of trees) {
    let use = tree.lastUse
    for (let key = tree.below; key && lastUse.has(key); key = belowOf.get(key)) {
      use = Math.max(lastUse.get(key) ?? 0, use + 0.001)
      lastUse.set(key, use)
    }
  }
  return trees.map((tree) => ({ ...tree, lastUse: lastUse.get(tree.key) ?? 0 }))
}

/** Which trees are to be removed. */
export interface Wishes {
  /** Trees that were last used before this time, in milliseconds since 1970. */
  readonly usedBefore?: number | undefined
  /** The oldest trees, until at most this number of bytes is left. */
  readonly maxSize?: number | undefined
  /** The tree with this key. */
  readonly key?: string | undefined
}

/**
 * Trees in the order in which they are to be kept: first those in use, then by last use, a tree before those built on it;
 * last the one with the given key. Pure.
 */
export function keepOrder(trees: readonly Surveyed[], { key }: Wishes): Surveyed[] {
  const rank = (tree: Surveyed) => (tree.key === key ? 2 : tree.users.length > 0 ? 0 : 1)
  return [...trees].sort((a, b) => rank(a) - rank(b) || b.lastUse - a.lastUse)
}

/**
 * The trees to remove, in the order of their removal. Pure.
 * @param ordered the trees in the order of {@link keepOrder}
 * @param sizes the bytes of each tree that no tree before it has
 */
export function chooseTrees(
  ordered: readonly Surveyed[],
  sizes: ReadonlyMap<string, number>,
  { key, usedBefore, maxSize }: Wishes,
): Surveyed[] {
  if (key !== undefined) return ordered.filter((tree) => tree.key === key)
  const everything = usedBefore === undefined && maxSize === undefined
  let left = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  return [...ordered].reverse().filter((tree) => {
    const old = usedBefore !== undefined && tree.lastUse < usedBefore
    const tooMuch = maxSize !== undefined && left > maxSize
    const goes = everything || old || tooMuch
    if (goes && tree.users.length === 0) left -= sizes.get(tree.key) ?? 0
    return goes
  })
}
