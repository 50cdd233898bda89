import { checked, object, optional, path, valid } from './schema.ts'
import type { DirectoryBase } from './tree.ts'
import { type TreeOptions, WRITABLE } from './tree-checks.ts'
import { lineProblem } from './words.ts'

/** Options of `directoryTree()`. */
export interface DirectoryTreeOptions extends TreeOptions {
  /**
   * A file that changes whenever the directory does, such as what `sha256sum` printed of its files. Without it every
   * file is checked when a session opens.
   */
  readonly manifest?: string
}

// The path becomes a line of a file that the session's manager reads
const DIRECTORY = valid(
  (path) => (path === '' ? 'is empty' : lineProblem(path)),
  "Write directoryTree('out/root').",
)
const OPTIONS = object<DirectoryTreeOptions>({
  manifest: optional(path("Write directoryTree('out/root', { manifest: 'out/root.sha256' }).")),
  ...WRITABLE,
})

/** Checks a directory that another tool makes. @throws ClusterError `INVALID_DEFINITION` */
export function directoryBase(path: string, options: DirectoryTreeOptions): DirectoryBase {
  const what = 'directoryTree'
  const directory = checked(DIRECTORY, path, { what, name: 'path' })
  const { writable: _, ...rest } = checked(OPTIONS, options, { what })
  return { kind: 'directory', path: directory, ...rest }
}
