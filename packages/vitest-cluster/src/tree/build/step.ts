import type { Readable } from 'node:stream'
import type { Uids } from '../../definition/service.ts'
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
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Readable
  /** Whether it may reach the network; else it has a loopback of its own. */
  readonly network?: boolean
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
  /** Says what is being done now, for people. */
  say(message: string): void
}
