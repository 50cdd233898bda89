import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { pathOf, targetOf } from './names.ts'

/** The number of links that Linux follows (path_resolution(7)). */
const LINKS = 40

/**
 * Resolves the symbolic links of a path as if the tree were the root. The result is relative to the tree and never leads
 * out of it. Parts that do not exist stay as they are written.
 * @param last whether a link at the end of the path is followed, too
 * @returns undefined for a circle of links
 */
export function resolveInside(root: string, path: string, last = true): string | undefined {
  return resolveIn(path, (relative) => linkTarget(join(root, relative)), last)
}

/** The same for a tree that may not exist. Pure. @param targetOf the target of a link, by its path relative to the tree */
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

/** Whether a path exists in a tree. Links are followed as if the tree were the root. */
export function hasInside(root: string, path: string): boolean {
  return statInside(root, path) !== undefined
}

/** The status of a path in a tree. Links are followed inside the tree. Undefined if it does not exist or is not readable. */
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
