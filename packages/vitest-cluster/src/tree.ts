import './node-version.ts'

export { type CommandOptions, command, files, packages } from './definition/tree-layers.ts'
export {
  type PlaybookInventory,
  type PlaybookOptions,
  playbook,
} from './definition/tree-playbook.ts'
export {
  type ArchiveTreeOptions,
  archiveTree,
  type DebianTreeOptions,
  type DirectoryTreeOptions,
  debianTree,
  directoryTree,
  hostTree,
  type RpmTreeOptions,
  rpmTree,
  Tree,
  type TreeOptions,
} from './tree/define.ts'
export type { BuildOptions, BuiltStep, BuiltTree } from './tree/make/build.ts'
export type { TreeEvent, TreeProgress } from './tree/progress.ts'
