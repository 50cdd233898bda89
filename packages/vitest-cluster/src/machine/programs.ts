import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { resolveInside } from '../disk/inside.ts'

/** Also for a tree whose /bin is not a link into /usr. */
const TREE_PATH = [
  ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
]

/**
 * Finds a program in directories of a tree, its PATH by default. Undefined where there is no such program.
 * @param root the tree; the host by default
 * @returns the path in the tree
 */
export async function findProgram(
  name: string,
  directories: readonly string[] = TREE_PATH,
  root = '/',
): Promise<string | undefined> {
  const paths = name.includes('/') ? [name] : directories.map((directory) => `${directory}/${name}`)
  return paths.find((path) => {
    const resolved = root === '/' ? path : resolveInside(root, path)
    return resolved !== undefined && isExecutable(join(root, resolved))
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
