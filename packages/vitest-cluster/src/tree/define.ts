import { isAbsolute } from 'node:path'
import type {
  Base,
  CommandLayer,
  DebianBase,
  DirectoryBase,
  FileSource,
  FilesLayer,
  Layer,
  PackagesLayer,
  TreeDefinition,
} from '../definition/tree.ts'
import { ClusterError } from '../errors.ts'
import type { BuildOptions, BuiltTree } from './build/build.ts'

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
    const { buildTree } = await import('./build/build.ts')
    return buildTree(this, options)
  }
}

function on(base: Base, writable = false): Tree {
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

export interface DebianTreeOptions extends TreeOptions {
  /** `bookworm`, `trixie`, `sid`; or one of a derivative, with its mirror and keyring. */
  readonly suite: string
  /** Installed besides what Debian calls essential, and apt. */
  readonly packages?: readonly string[]
  /** `['main']` by default. */
  readonly components?: readonly string[]
  /** `http://deb.debian.org/debian` by default. */
  readonly mirror?: string
  /** A time of snapshot.debian.org, such as `20260901T000000Z`: the same packages for ever. Instead of a mirror. */
  readonly snapshot?: string
  /** A file with the keys that the archive is signed with; Debian's own, as the host has them, by default. */
  readonly keyring?: string
}

/** A Debian root file system, made by mmdebstrap(1) without root. @throws ClusterError `INVALID_DEFINITION` */
export function debianTree(options: DebianTreeOptions): Tree {
  const { suite, packages = [], components = ['main'], snapshot, keyring, writable } = options
  const { mirror = 'http://deb.debian.org/debian' } = options
  check(
    /^[a-z][a-z0-9.-]*$/.test(suite),
    `debianTree: ${text(suite)} is no suite`,
    "Write suite: 'trixie'.",
  )
  checkPackages('debianTree', packages)
  for (const component of components)
    check(
      /^[a-z][a-z0-9/-]*$/.test(component),
      `debianTree: ${text(component)} is no component`,
      "Write components: ['main'].",
    )
  check(
    /^(https?|file):\/\/[^\s]+$/.test(mirror),
    `debianTree: ${text(mirror)} is no mirror`,
    "Write mirror: 'http://deb.debian.org/debian'.",
  )
  check(
    snapshot === undefined || /^\d{8}T\d{6}Z$/.test(snapshot),
    `debianTree: ${text(snapshot)} is no time of a snapshot`,
    "Write snapshot: '20260901T000000Z'; https://snapshot.debian.org has a list.",
  )
  const base: DebianBase = {
    ...{ kind: 'debian', suite, packages: unique(packages), components, mirror },
    ...(snapshot !== undefined && { snapshot }),
    ...(keyring !== undefined && { keyring }),
  }
  return on(base, writable)
}

export interface DirectoryTreeOptions extends TreeOptions {
  /**
   * A file that changes whenever the directory does, such as what `sha256sum` printed of its files. Without it every
   * file is looked at when a session opens.
   */
  readonly manifest?: string
}

/** A directory that another tool makes, used where it is and never written to. */
export function directoryTree(
  path: string,
  { manifest, writable }: DirectoryTreeOptions = {},
): Tree {
  check(
    typeof path === 'string' && path !== '',
    `directoryTree: ${text(path)} is no path`,
    "Write directoryTree('out/root').",
  )
  const base: DirectoryBase = {
    kind: 'directory',
    path,
    ...(manifest !== undefined && { manifest }),
  }
  return on(base, writable)
}

/** A layer of files, by their absolute paths in the tree. @throws ClusterError `INVALID_DEFINITION` */
export function files(paths: Readonly<Record<string, FileSource>>): FilesLayer {
  for (const [path, source] of Object.entries(paths)) {
    check(
      isAbsolute(path) && !path.split('/').includes('..') && !path.includes('\0') && path !== '/',
      `files: ${text(path)} would leave the tree, or is no absolute path`,
      "Write '/etc/motd': a path from the tree's root, without ..",
    )
    const known =
      typeof source === 'string' ||
      (typeof source === 'object' && source !== null && ('content' in source || 'from' in source))
    check(
      known,
      `files: ${path} has neither content nor from`,
      `Write '${path}': 'text', or { from: 'file', mode: 0o755 }.`,
    )
    const { mode, owner } = typeof source === 'string' ? {} : source
    check(
      mode === undefined || (Number.isInteger(mode) && mode >= 0 && mode <= 0o7777),
      `files: ${path} has mode ${text(mode)}`,
      'Write it in octal: mode: 0o644.',
    )
    check(
      owner === undefined ||
        /^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/.test(owner),
      `files: ${path} has owner ${text(owner)}`,
      "Write owner: 'user' or 'user:group'.",
    )
  }
  return { kind: 'files', files: paths }
}

/** A layer of packages that the tree's own package manager installs, with what they depend on. */
export function packages(names: readonly string[]): PackagesLayer {
  checkPackages('packages', names)
  check(names.length > 0, 'packages: the list is empty', "Write packages(['slapd']).")
  return { kind: 'packages', packages: unique(names) }
}

export interface CommandOptions {
  /** Files and directories of the host that it depends on: it sees them, and only them, below its working directory. */
  readonly inputs?: readonly string[]
  /** Whether it may reach the network. False by default. */
  readonly network?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** A layer made by a program of the tree, run as its root. The program and its arguments; never a shell string. */
export function command(argv: readonly string[], options: CommandOptions = {}): CommandLayer {
  const words =
    Array.isArray(argv) && argv.length > 0 && argv.every((word) => typeof word === 'string')
  check(
    words,
    `command: ${text(argv)} is no program with its arguments`,
    "Write command(['make', 'install']).",
  )
  const { inputs = [], network = false, env = {} } = options
  return { kind: 'command', argv, inputs, network, env }
}

function checkPackages(what: string, names: readonly string[]): void {
  check(Array.isArray(names), `${what}: packages is no array`, "Write packages: ['slapd'].")
  for (const name of names) {
    check(
      typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9+._:~=@/-]*$/.test(name),
      `${what}: ${text(name)} is no name of a package`,
      "Write packages: ['slapd', 'openssh-server'].",
    )
  }
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined'
}

function check(right: boolean, message: string, mend: string): void {
  if (!right) throw invalid(message, mend)
}

function invalid(message: string, mend: string): ClusterError {
  return new ClusterError({ code: 'INVALID_DEFINITION', message, mend })
}
