import type { DirectoryBase } from './tree.ts'
import { check, isPath, text } from './tree-checks.ts'
import { lineProblem } from './words.ts'

/** Checks a directory that another tool makes. @throws ClusterError `INVALID_DEFINITION` */
export function directoryBase(path: string, manifest: string | undefined): DirectoryBase {
  // A line of the file that tells the session's manager which trees to show
  const problem = path === '' ? 'is empty' : lineProblem(path)
  check(
    problem === undefined,
    `directoryTree: ${text(path)} is no path: it ${problem}`,
    "Write directoryTree('out/root').",
  )
  check(
    manifest === undefined || isPath(manifest),
    `directoryTree: manifest is ${text(manifest)}, which is no path`,
    "Write directoryTree('out/root', { manifest: 'out/root.sha256' }).",
  )
  return { kind: 'directory', path, ...(manifest !== undefined && { manifest }) }
}
