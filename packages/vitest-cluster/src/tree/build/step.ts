import type { Readable } from 'node:stream'
import type { Uids } from '../../definition/service-fields.ts'
import type { GroupSource } from '../../machine/group-source.ts'
import type { FileHashes } from './hashes.ts'

/**
 * Everything that a step depends on: readable names (`package slapd`, `file roles/slapd/tasks/main.yml`) with short texts or
 * digests. The step's key is made of its inputs and the key of the step below. Inputs are compared to report what changed.
 */
export type Inputs = Readonly<Record<string, string>>

/** The context for a step's inputs. */
export interface StepContext {
  /** The directory that relative paths start from. */
  readonly baseDirectory: string
  readonly hashes: FileHashes
}

/** A base or a layer: one entry of the cache. */
export interface Step {
  readonly kind: string
  /** A readable name: `debian trixie`, `files`, `packages slapd`, `playbook site.yml`. */
  readonly title: string
  /** Must be fast, because it runs also for an unchanged step. @throws ClusterError `UNREADABLE_FILE` */
  inputs(context: StepContext): Promise<Inputs>
  /** Builds the base in `build.root`, or applies the layer to the tree there. Rejects with a ClusterError. */
  make(build: Build): Promise<void>
  /** The path of the tree, for a base that is used in place while it has no layers. */
  inPlace?(context: StepContext): string
  /**
   * For a layer of files, which is applied to a tree without running anything in it: the files in the order in which they
   * are written.
   */
  patch?(below: { readonly path: string }, context: StepContext): Promise<readonly PatchFile[]>
  /** What `make` has resolved beyond the inputs, such as versions of packages: part of the key of the result. */
  resolved?(build: Build): Promise<Inputs>
}

/** A file to be written into a tree. */
export interface PatchFile {
  /** Relative to the tree, without symbolic links on its way. */
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
  /** The working directory of a program of the tree: an absolute path in the tree. / by default. */
  readonly cwd?: string
  /** Whether the program may reach the network; else it only has its own loopback interface. */
  readonly network?: boolean
  /** The source of a delegated control group for the program, whose path is then in the file `cgroup`. None by default. */
  readonly cgroup?: GroupSource
  /** Called with each line of standard output and error. */
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
  /** The build's own directory, removed afterwards. Programs of the host start in it. */
  readonly directory: string
  /** The path of the tree for programs of the host, relative to `directory`. */
  readonly root: 'root'
  /** The cache's directory for downloads. A file is written there under another name and then renamed. */
  readonly downloads: string
  readonly uids: Uids
  /** Runs a program of the host. Resolves with any exit code. */
  onHost(argv: readonly string[], options?: RunOptions): Promise<RunResult>
  /** Runs a program of the tree, with the tree as its root. Resolves with any exit code. */
  inTree(argv: readonly string[], options?: RunOptions): Promise<RunResult>
  /** Gives a path below `directory` that this process has written to the namespace's root, which may be another uid. */
  adopt(path: string): Promise<void>
  /** Reports the present activity to the user. */
  say(message: string): void
  /** Reports something that the user should also see after the build. */
  note(message: string): void
}
