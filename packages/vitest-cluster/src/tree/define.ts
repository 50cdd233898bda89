import { reading } from '../definition/refuse.ts'
import type { Base, Layer, TreeDefinition } from '../definition/tree.ts'
import { archiveBase, rpmBase } from '../definition/tree-archive.ts'
import { checkOptions, checkSwitches, invalid } from '../definition/tree-checks.ts'
import { type DebianOptions, debianBase } from '../definition/tree-debian.ts'
import { directoryBase } from '../definition/tree-directory.ts'
import type { BuildOptions, BuiltTree } from './make/build.ts'

/**
 * A root file system: a base and the layers on it. Plain data until a session needs it, or {@link Tree.build} is called.
 * None is ever changed: each method makes another one.
 */
export class Tree implements TreeDefinition {
  readonly base: Base
  readonly layers: readonly Layer[]
  readonly writable: boolean

  constructor({ base, layers, writable }: TreeDefinition) {
    this.base = base
    this.layers = layers
    this.writable = writable
  }

  /** The same tree with further layers on top, the last one uppermost. */
  with(...layers: readonly Layer[]): Tree {
    if (this.base.kind === 'host' && layers.length > 0) {
      throw invalid(
        "the host's own tree takes no layers: it is shown as it is",
        "Begin with debianTree({ suite: 'trixie' }) or another base; files of a service alone go into its `files`.",
      )
    }
    return new Tree({ ...this, layers: [...this.layers, ...layers] })
  }

  /** The same tree, writable everywhere: each session writes to memory of its own, which goes with it. */
  writableInMemory(): Tree {
    return new Tree({ ...this, writable: true })
  }

  /**
   * Makes the tree now, or finds it made: for whoever wants its files outside of a session.
   * @throws ClusterError; docs/troubleshooting.md has every code
   */
  async build(options: BuildOptions = {}): Promise<BuiltTree> {
    if (this.base.kind === 'host') {
      throw invalid("the host's own tree is not built", 'Its path is /.')
    }
    // Loaded when called: every test file imports definitions, and none of them builds a tree
    const { buildTree } = await import('./make/build.ts')
    return buildTree(this, options)
  }
}

function on(base: Base, writable = false): Tree {
  checkSwitches(`a tree on ${base.kind}`, { writable })
  return new Tree({ base, layers: [], writable })
}

/** The host's own programs, read-only: what a cluster has that names no tree. */
export function hostTree(): Tree {
  return on({ kind: 'host' })
}

export interface TreeOptions {
  /** Whether a session may write everywhere, to memory of its own; see {@link Tree.writableInMemory}. False by default. */
  readonly writable?: boolean
}

export type DebianTreeOptions = DebianOptions & TreeOptions

/** A Debian root file system, made by mmdebstrap(1) without root. @throws ClusterError `INVALID_DEFINITION` */
export function debianTree(options: DebianTreeOptions): Tree {
  return reading('debianTree', undefined, () => on(debianBase(options), options.writable))
}

export interface ArchiveTreeOptions extends TreeOptions {
  /** What the archive has to have: 64 hexadecimal digits. A URL needs it. */
  readonly sha256?: string
}

/**
 * A root file system from a tar (plain, gzip, xz, zstd), or from an image as `docker save` and OCI tools write it.
 * @param source a path, relative to the directory of `cluster.config.ts`, or an http(s) URL
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function archiveTree(source: string | URL, options: ArchiveTreeOptions = {}): Tree {
  return reading('archiveTree', undefined, () => on(archiveBase(source, options), options.writable))
}

export type RpmTreeOptions = Parameters<typeof rpmBase>[0] & TreeOptions

/** A root file system of RPM packages, made by dnf(8) without root. @throws ClusterError `INVALID_DEFINITION` */
export function rpmTree(options: RpmTreeOptions): Tree {
  return reading('rpmTree', undefined, () => on(rpmBase(options), options.writable))
}

export interface DirectoryTreeOptions extends TreeOptions {
  /**
   * A file that changes whenever the directory does, such as what `sha256sum` printed of its files. Without it every
   * file is looked at when a session opens.
   */
  readonly manifest?: string
}

/** A directory that another tool makes, used where it is and never written to. */
export function directoryTree(path: string, options: DirectoryTreeOptions = {}): Tree {
  return reading('directoryTree', undefined, () => {
    checkOptions('directoryTree', options, ['manifest', 'writable'])
    return on(directoryBase(path, options.manifest), options.writable)
  })
}
