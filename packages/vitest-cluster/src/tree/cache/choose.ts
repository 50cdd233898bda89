import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readEntry } from './entry.ts'
import type { TreeStore } from './store.ts'

/** What is known of a tree in the cache without looking into it. */
export interface Surveyed {
  readonly key: string
  readonly title: string
  readonly below: string | undefined
  /** Milliseconds since 1970. A tree counts as used when one that was made of it is. */
  readonly lastUse: number
  /** `session-1a2b3c4d`, `process-1234-0`. */
  readonly users: readonly string[]
}

/** All trees in the cache, those of other versions of this library and those that nobody can read among them. */
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
 * A layer that is used daily is the only one that anybody looks at: what it was made of is as young, and by a thousandth
 * of a millisecond younger, so that it is kept before the layer. Pure.
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

/** Which trees are to go. */
export interface Wishes {
  /** Those that nobody has used since, in milliseconds since 1970. */
  readonly usedBefore?: number | undefined
  /** The oldest, until no more than these bytes are left. */
  readonly maxSize?: number | undefined
  /** This one. */
  readonly key?: string | undefined
}

/**
 * Trees in the order in which they are kept: those in use, then by their last use; one that others were made of before
 * them; last the one that was asked for. Pure.
 */
export function keepOrder(trees: readonly Surveyed[], { key }: Wishes): Surveyed[] {
  const rank = (tree: Surveyed) => (tree.key === key ? 2 : tree.users.length > 0 ? 0 : 1)
  return [...trees].sort((a, b) => rank(a) - rank(b) || b.lastUse - a.lastUse)
}

/**
 * Which trees go, the first to go first. Pure.
 * @param ordered by {@link keepOrder}
 * @param sizes of each besides those before it
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
