import type { Readable } from 'node:stream'
import type { Uids } from '../../definition/service.ts'
import type { GroupSource } from '../../machine/group-source.ts'
import type { FileHashes } from './hashes.ts'

/**
 * What a step depends on: names for people (`package slapd`, `file roles/slapd/tasks/main.yml`) and short texts or
 * digests. Together with the key of the step below it is the step's key, and what is compared to say what changed.
 */
export type Inputs = Readonly<Record<string, string>>

/** What a step is told when it is asked for its inputs. */
export interface StepContext {
  /** What relative paths start from. */
  readonly baseDirectory: string
  readonly hashes: FileHashes
}

/** A base or a layer: one entry of the cache. */
export interface Step {
  readonly kind: string
  /** For people: `debian trixie`, `files`, `packages slapd`, `playbook site.yml`. */
  readonly title: string
  /** Quick: this is all that an unchanged step costs. @throws ClusterError `UNREADABLE_FILE` */
  inputs(context: StepContext): Promise<Inputs>
  /** Makes the base in `build.root`, or applies the layer to what is there. Rejects with a ClusterError. */
  make(build: Build): Promise<void>
  /** Where the tree is already, for a base that is used as it is while no layer is on it. */
  inPlace?(context: StepContext): string
  /**
   * For a layer of nothing but files, which is applied to a tree without running anything in it: what is to be there, in
   * the order in which it is made.
   */
  patch?(below: { readonly path: string }, context: StepContext): Promise<readonly PatchFile[]>
  /** What `make` found out that the inputs did not say, such as versions of packages: the rest of the step's key. */
  resolved?(build: Build): Promise<Inputs>
}

/** A file to be put into a tree. */
export interface PatchFile {
  /** Relative to the tree: no symbolic link is on it. */
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** A file's, or a link's target. */
  readonly content: Uint8Array | string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Buffer | Readable
  /** Where a program of the tree begins: an absolute path in it. / by default. */
  readonly cwd?: string
  /** Whether it may reach the network; else it has a loopback of its own. */
  readonly network?: boolean
  /** Where it gets a control group to divide: its path is in the file `cgroup` then. None by default. */
  readonly cgroup?: GroupSource
  /** Told of each line of standard output and error as it comes. */
  readonly onLine?: (line: string) => void
}

export interface RunResult {
  readonly exitCode: number
  readonly stdout: string
  /** The last lines of both outputs. */
  readonly lines: readonly string[]
}

/** A step under construction. Programs run as root of a user namespace, and end when this process does. */
export interface Build extends StepContext {
  /** A directory of this build alone, gone afterwards. Programs of the host start in it. */
  readonly directory: string
  /** The same tree as programs of the host see it from `directory`: `root`. */
  readonly root: 'root'
  /** A directory of the cache for what was downloaded; whoever writes there renames into place. */
  readonly downloads: string
  readonly uids: Uids
  /** Runs a program of the host. Resolves whatever its exit code is. */
  onHost(argv: readonly string[], options?: RunOptions): Promise<RunResult>
  /** Runs a program of the tree, with the tree as its root. Resolves whatever its exit code is. */
  inTree(argv: readonly string[], options?: RunOptions): Promise<RunResult>
  /** Gives what this process has written below `directory` to the namespace's root, who may be somebody else. */
  adopt(path: string): Promise<void>
  /** Says what is being done now, for people. */
  say(message: string): void
  /** Says what people should know of it afterwards, too. */
  note(message: string): void
}
