import type { Surveyed } from './survey.ts'

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
  const depth = depths(trees)
  const rank = (tree: Surveyed) => (tree.key === key ? 2 : tree.users.length > 0 ? 0 : 1)
  return [...trees].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      b.lastUse - a.lastUse ||
      (depth.get(a.key) ?? 0) - (depth.get(b.key) ?? 0),
  )
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

function depths(trees: readonly Surveyed[]): Map<string, number> {
  const belowOf = new Map(trees.map(({ key, below }) => [key, below]))
  return new Map(
    trees.map(({ key, below }) => {
      let depth = 0
      for (let next = below; next && belowOf.has(next); next = belowOf.get(next)) depth++
      return [key, depth]
    }),
  )
}
