/**
 * Root file systems for services: where one comes from (`debianTree`, `rpmTree`, …) and the layers on it.
 * @module vitest-cluster/tree
 */
import './node-version.ts'

export type { Base, FileSource, Layer, TreeDefinition } from './definition/tree.ts'
export type {
  ArchiveTreeOptions,
  RpmTreeOptions,
  RpmTreeRepository,
} from './definition/tree-archive.ts'
export type { TreeOptions } from './definition/tree-checks.ts'
export type { DebianTreeOptions } from './definition/tree-debian.ts'
export type { DirectoryTreeOptions } from './definition/tree-directory.ts'
export { type CommandOptions, command, files, packages } from './definition/tree-layers.ts'
export {
  type PlaybookInventory,
  type PlaybookOptions,
  playbook,
} from './definition/tree-playbook.ts'
export {
  archiveTree,
  debianTree,
  directoryTree,
  hostTree,
  rpmTree,
  Tree,
} from './tree/define.ts'
export type { BuildOptions, BuiltStep, BuiltTree } from './tree/make/build.ts'
export type { TreeEvent, TreeProgress } from './tree/progress.ts'
