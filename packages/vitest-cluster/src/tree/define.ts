import { checkOptionNames } from '../definition/options.ts'
import { reading, refuseFor } from '../definition/refuse.ts'
import type { Base, Layer, TreeDefinition } from '../definition/tree.ts'
import {
  type ArchiveTreeOptions,
  archiveBase,
  type RpmTreeOptions,
  rpmBase,
} from '../definition/tree-archive.ts'
import { type DebianTreeOptions, debianBase } from '../definition/tree-debian.ts'
import { type DirectoryTreeOptions, directoryBase } from '../definition/tree-directory.ts'
import type { BuildOptions, BuiltTree } from './make/build.ts'

/**
 * A root file system: a base and the layers on it. Nothing is built until a session needs it, or {@link Tree.build} is called.
 * It is immutable: each method returns another tree.
 */
export class Tree implements TreeDefinition {
  /** The first step: the host's programs, Debian or RPM packages, an archive or a directory. */
  readonly base: Base
  /** The further steps, lowest first. */
  readonly layers: readonly Layer[]
  /** Whether a session may write everywhere, to memory of its own. */
  readonly writable: boolean

  /** @internal */
  constructor({ base, layers, writable }: TreeDefinition) {
    this.base = base
    this.layers = layers
    this.writable = writable
  }

  /**
   * The same tree with further layers on top, the last one uppermost.
   * @throws ClusterError `INVALID_DEFINITION` for the host's tree, which cannot have layers
   */
  with(...layers: readonly Layer[]): Tree {
    if (this.base.kind === 'host' && layers.length > 0) {
      refuseFor(undefined)(
        "the host's own tree cannot have layers",
        "Start from debianTree({ suite: 'trixie' }) or another base. For files of a single service, use its `files`.",
      )
    }
    return new Tree({ ...this, layers: [...this.layers, ...layers] })
  }

  /** The same tree, writable everywhere: each session writes to memory of its own, freed when the session ends. */
  writableInMemory(): Tree {
    return new Tree({ ...this, writable: true })
  }

  /**
   * Builds the tree, or finds it in the cache, for use outside of a session.
   * @throws ClusterError `TREE_FAILED`, `TREE_UNREACHABLE` and others; docs/troubleshooting.md explains each code
   */
  async build(options: BuildOptions = {}): Promise<BuiltTree> {
    if (this.base.kind === 'host') {
      refuseFor(undefined)(
        "the host's own tree cannot be built",
        'Use the files below / of the host.',
      )
    }
    checkOptionNames('build', options, ['baseDirectory', 'progress', 'update'])
    // Loaded when called: every test file imports definitions, but few build a tree
    const { buildTree } = await import('./make/build.ts')
    return buildTree(this, options)
  }
}

function on(base: Base, writable = false): Tree {
  return new Tree({ base, layers: [], writable })
}

/** The host's own programs, read-only: the default of a cluster. */
export function hostTree(): Tree {
  return on({ kind: 'host' })
}

/** A Debian root file system, built by mmdebstrap(1) without root. @throws ClusterError `INVALID_DEFINITION` */
export function debianTree(options: DebianTreeOptions): Tree {
  return reading('debianTree', undefined, () => on(debianBase(options), options.writable))
}

/**
 * A root file system from a tar archive (plain, gzip, xz, zstd), or from an image that `docker save` or an OCI tool has written.
 * @param source a path, relative to the directory of `cluster.config.ts`, or an http(s) URL
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function archiveTree(source: string | URL, options: ArchiveTreeOptions = {}): Tree {
  return reading('archiveTree', undefined, () => on(archiveBase(source, options), options.writable))
}

/** A root file system of RPM packages, built by dnf(8) without root. @throws ClusterError `INVALID_DEFINITION` */
export function rpmTree(options: RpmTreeOptions): Tree {
  return reading('rpmTree', undefined, () => on(rpmBase(options), options.writable))
}

/**
 * A directory that another tool makes. Sessions use it in place and never write to it.
 * @param path relative to the directory of `cluster.config.ts`
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function directoryTree(path: string, options: DirectoryTreeOptions = {}): Tree {
  return reading('directoryTree', undefined, () =>
    on(directoryBase(path, options), options.writable),
  )
}
