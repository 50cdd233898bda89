import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FileSource } from 'vitest-cluster/tree'

/** What tools leave in a directory: no part of its content. */
const LEFT_OUT =
  /^(\.git|\.hg|\.cache|\.venv|venv|node_modules|__pycache__|\.pytest_cache|.*\.pyc)$/

/** All files below a directory of the host, for a layer that has them below a directory of the tree. */
export function filesBelow(root: string, target: string): Record<string, FileSource> {
  const entries = readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => !LEFT_OUT.test(name))
    .map((entry) => {
      const [from, to] = [join(root, entry.name), join(target, entry.name)]
      return entry.isDirectory() ? filesBelow(from, to) : { [to]: { from } }
    })
  return Object.assign({}, ...entries)
}
