import { join } from 'node:path'
import { hasInside, resolveInside } from '../disk/inside.ts'
import { namesIn } from '../disk/names.ts'

/** Directories of ld.so(8); Debian's have one for each architecture below. */
const DIRECTORIES = ['usr/lib64', 'usr/lib', 'lib64', 'lib']

/** Finds a shared library of a tree; the host's by default. Undefined where there is none. @returns the path in the tree */
export function findLibrary(name: string, root = '/'): string | undefined {
  const below = DIRECTORIES.flatMap((directory) =>
    children(root, directory)
      .filter((each) => each.includes('-linux-'))
      .map((each) => `${directory}/${each}`),
  )
  const found = [...DIRECTORIES, ...below].find((each) => hasInside(root, `${each}/${name}`))
  return found === undefined ? undefined : `/${found}/${name}`
}

function children(root: string, directory: string): string[] {
  try {
    const path = resolveInside(root, directory)
    return path === undefined ? [] : namesIn(join(root, path))
  } catch {
    return []
  }
}
