import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { pathOf, targetOf } from './names.ts'

/** As many links as Linux follows (path_resolution(7)). */
const LINKS = 40

/**
 * Where a path of a tree leads when the tree is the root: relative to the tree, with no symbolic link on its way and
 * never out of it. What does not exist is kept as it is written.
 * @param last whether a link at the very end is followed, too
 * @returns undefined for links that lead in a circle: what is there on the host would be another file
 */
export function resolveInside(root: string, path: string, last = true): string | undefined {
  return resolveIn(path, (relative) => linkTarget(join(root, relative)), last)
}

/** The same for a tree that need not exist. Pure. @param targetOf where a link leads, by its path relative to the tree */
export function resolveIn(
  path: string,
  targetOf: (relative: string) => string | undefined,
  last = true,
): string | undefined {
  const rest = path.split('/')
  let done: string[] = []
  let links = 0
  while (rest.length > 0) {
    const name = rest.shift()
    if (!name || name === '.') continue
    if (name === '..') {
      done.pop()
      continue
    }
    const here = [...done, name]
    const target = rest.some(Boolean) || last ? targetOf(here.join('/')) : undefined
    if (target === undefined) {
      done = here
      continue
    }
    if (++links > LINKS) return undefined
    if (target.startsWith('/')) done = []
    rest.unshift(...target.split('/'))
  }
  return done.join('/')
}

/** Whether a tree has a path, whose links are followed as if the tree were the root. */
export function hasInside(root: string, path: string): boolean {
  return statInside(root, path) !== undefined
}

/** What a path of a tree is, its links followed inside; undefined where there is nothing, or nobody may look. */
export function statInside(root: string, path: string) {
  const resolved = resolveInside(root, path)
  if (resolved === undefined) return undefined
  try {
    return lstatSync(pathOf(join(root, resolved)), { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function linkTarget(path: string): string | undefined {
  try {
    const stat = lstatSync(pathOf(path), { throwIfNoEntry: false })
    return stat?.isSymbolicLink() ? targetOf(path) : undefined
  } catch {
    return undefined
  }
}
