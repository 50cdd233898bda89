import type { Json } from './json.ts'

/**
 * A root file system as plain data. `debianTree()` and the other functions of `vitest-cluster/tree` make and check it.
 * Relative paths start from the directory of `cluster.config.ts`.
 */
export interface TreeDefinition {
  /** The first step. */
  readonly base: Base
  /** Applied in order. */
  readonly layers: readonly Layer[]
  /** Whether a session may write everywhere, to memory that is freed with the session. */
  readonly writable: boolean
}

/** The first step of a tree: plain data, made by `hostTree()`, `debianTree()`, `archiveTree()`, `directoryTree()`, `rpmTree()`. */
export type Base = HostBase | DebianBase | ArchiveBase | DirectoryBase | RpmBase
/** A further step of a tree: plain data, made by `files()`, `packages()`, `command()`, `playbook()`. */
export type Layer = FilesLayer | PackagesLayer | CommandLayer | PlaybookLayer

/** The host's own programs, read-only. */
export interface HostBase {
  readonly kind: 'host'
}

/** Made by mmdebstrap(1). */
export interface DebianBase {
  readonly kind: 'debian'
  readonly suite: string
  readonly packages: readonly string[]
  readonly components: readonly string[]
  /** By default mmdebstrap's choice. */
  readonly mirror?: string
  /** The URL of a snapshot of an archive, instead of a mirror. */
  readonly snapshot?: string
  /** A file with the public keys that the archive is signed with. */
  readonly keyring?: string
}

/** A root file system as a tar, or an image as `docker save` and OCI tools write it. */
export interface ArchiveBase {
  readonly kind: 'archive'
  /** A path, or an http(s) URL, which needs `sha256`. */
  readonly source: string
  /** 64 hexadecimal digits. */
  readonly sha256?: string
}

/** A directory that another tool makes, used where it is. */
export interface DirectoryBase {
  readonly kind: 'directory'
  readonly path: string
  /** A file that changes when the directory does, such as `sha256sum`'s output; without it every file is checked. */
  readonly manifest?: string
}

/** Made by `dnf --installroot`. */
export interface RpmBase {
  readonly kind: 'rpm'
  readonly repositories: readonly RpmRepository[]
  readonly packages: readonly string[]
  /** `$releasever` in the repositories' addresses. */
  readonly release?: string
}

export interface RpmRepository {
  readonly id: string
  /** Its base URL. */
  readonly url: string
  /** A file or URL with the public key that packages are signed with; without it signatures are not checked. */
  readonly key?: string
}

export interface FilesLayer {
  readonly kind: 'files'
  /** By absolute path in the tree. */
  readonly files: Readonly<Record<string, FileSource>>
}

/** A file of a tree: its text or bytes, or a file or directory of the host that is copied. */
export type FileSource =
  | string
  | {
      /** The file's text, or its bytes. */
      readonly content: string | Uint8Array
      /** Permission bits; 0o644 by default. */
      readonly mode?: number
      /** `user` or `user:group`, names of the tree or numbers; `root:root` by default. */
      readonly owner?: string
    }
  | {
      /** A path, relative to the directory of `cluster.config.ts`, or a `file:` URL. */
      readonly from: string | URL
      /** Permission bits of files; directories get the same with x where r is. The source's own by default. */
      readonly mode?: number
      /** `user` or `user:group`, names of the tree or numbers; `root:root` by default. */
      readonly owner?: string
    }

export interface PackagesLayer {
  readonly kind: 'packages'
  readonly packages: readonly string[]
}

export interface CommandLayer {
  readonly kind: 'command'
  readonly argv: readonly string[]
  /** Files and directories of the host that it depends on: it has copies of them below `/run/inputs`, its working directory. */
  readonly inputs: readonly string[]
  /** Whether it may reach the network. False by default: it then has a loopback of its own. */
  readonly network: boolean
  readonly env: Readonly<Record<string, string>>
}

/** A run of ansible-playbook(1) on its only host, named `tree`. */
export interface PlaybookLayer {
  readonly kind: 'playbook'
  readonly playbook: string
  /** The groups of the inventory that `tree` is in. */
  readonly groups: readonly string[]
  /** Variables of the host in the inventory. Only the defaults of roles are weaker. */
  readonly hostVars: Readonly<Record<string, Json>>
  /** Variables that override all others. */
  readonly extraVars: Readonly<Record<string, Json>>
  /** Files and directories that it reads, besides those found from the playbook: its roles, `group_vars`, `files`, … */
  readonly inputs: readonly string[]
  /** Whether tasks may reach the network. False by default. */
  readonly network: boolean
  /** Whether the tree is booted while it runs, so that services can be managed. */
  readonly booted: boolean
}
