import type { DirectoryBase } from './tree.ts'
import { check, isPath, text } from './tree-checks.ts'

/** Checks a directory that another tool makes. @throws ClusterError `INVALID_DEFINITION` */
export function directoryBase(path: string, manifest: string | undefined): DirectoryBase {
  check(isPath(path), `directoryTree: ${text(path)} is no path`, "Write directoryTree('out/root').")
  check(
    manifest === undefined || isPath(manifest),
    `directoryTree: manifest is ${text(manifest)}, which is no path`,
    "Write directoryTree('out/root', { manifest: 'out/root.sha256' }).",
  )
  return { kind: 'directory', path, ...(manifest !== undefined && { manifest }) }
}
