import { lstat, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../errors.ts'

/** As many links as Linux follows (path_resolution(7)). */
const LINKS = 40

/**
 * Where a path of a tree leads when the tree is the root: relative to the tree, with no symbolic link on its way and
 * never out of it. What does not exist is kept as it is written.
 * @param last whether a link at the very end is followed, too
 */
export async function resolveInside(root: string, path: string, last = true): Promise<string> {
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
    const target = rest.some(Boolean) || last ? await linkTarget(join(root, ...here)) : undefined
    if (target === undefined) {
      done = here
      continue
    }
    if (++links > LINKS) throw new Error(`too many symbolic links in ${path}`)
    if (target.startsWith('/')) done = []
    rest.unshift(...target.split('/'))
  }
  return done.join('/')
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : undefined
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
