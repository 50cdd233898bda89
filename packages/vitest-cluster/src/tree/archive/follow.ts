/** A symbolic link that a path must not lead through, and why. */
export interface BadLink {
  readonly link: string
  readonly target: string
  readonly why: string
}

/** The most links that Linux follows (path_resolution(7)). */
const MOST_LINKS = 40

/**
 * Resolves a path inside of a tree, following the links on its way. Pure.
 * @param names the path's components, without `.` and `..`
 * @param targetOf the target of the symbolic link at a path; undefined for anything else
 * @returns a path without links, or the link that leads out of the tree
 */
export function followLinks(
  names: readonly string[],
  targetOf: (path: string) => string | undefined,
): string | BadLink {
  const waiting = [...names].reverse()
  const way: string[] = []
  let last: { link: string; target: string } = { link: '', target: '' }
  let followed = 0
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === '..') {
      if (way.pop() === undefined) return { ...last, why: 'leads out of the tree' }
      continue
    }
    way.push(name)
    const link = way.join('/')
    const target = targetOf(link)
    if (target === undefined) continue
    last = { link, target }
    if (target.startsWith('/')) return { ...last, why: 'is absolute' }
    if (++followed > MOST_LINKS) return { ...last, why: 'leads in a circle' }
    way.pop()
    waiting.push(
      ...target
        .split('/')
        .filter((part) => part !== '' && part !== '.')
        .reverse(),
    )
  }
  return way.join('/')
}
