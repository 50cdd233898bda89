import type { Writable } from 'node:stream'

/**
 * Runs a program in a service's tree, without a shell, and resolves when it has ended.
 * @throws ClusterError `EXEC_FAILED` for a non-zero exit status (unless `allowFailure`), a time-out, a program that cannot be
 * executed, wrong options, and input or output that fails
 */
export type Exec = <E extends ExecEncoding = 'utf8'>(
  argv: readonly string[],
  options?: ExecOptions<E>,
) => Promise<ExecResult<E>>

/** Whether `exec` returns output as text or as bytes. */
export type ExecEncoding = 'utf8' | 'buffer'

/** Text, bytes, or chunks of these: a Readable, an (async) generator, an array. */
export type ExecInput =
  | string
  | Uint8Array
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>

/** Options of `exec`. */
export interface ExecOptions<E extends ExecEncoding = 'utf8'> {
  /**
   * Standard input; empty by default. Chunks of a stream reach the program as they come, and its end is the end of the
   * input. What the program does not read is abandoned.
   */
  readonly input?: ExecInput
  /** `'buffer'` returns `stdout` and `stderr` as bytes. `'utf8'` by default. */
  readonly encoding?: E
  /**
   * Receives standard output in chunks while the program runs, and is ended after the program. The result's `stdout` is
   * then empty. A program waits while the stream is full. Without this option, output is limited to 512 MiB.
   */
  readonly stdout?: Writable
  /** As `stdout`, for standard error. The same stream gets both outputs in the order in which they were written. */
  readonly stderr?: Writable
  /**
   * `true` returns standard output and standard error together as `all`, in the order in which they were written;
   * `stdout` and `stderr` are then empty. False by default. Not together with streams for them.
   */
  readonly all?: boolean
  /** Environment variables besides those of the service, which they override. */
  readonly env?: Readonly<Record<string, string>>
  /** Working directory in the tree; the service's own by default. */
  readonly cwd?: string
  /** Milliseconds until the program is killed; 60 000 by default. Real time, also under fake timers. */
  readonly timeout?: number
  /** The account to run as; the service's own by default. If accounts share one uid, no other can be used. */
  readonly user?: string
  /** The group to run as; that of the account by default. As `user`, it needs uids of its own for each account. */
  readonly group?: string
  /** Resolve with a non-zero `exitCode` instead of rejecting. False by default. */
  readonly allowFailure?: boolean
}

/** How a program that `exec` ran has ended. */
export interface ExecResult<E extends ExecEncoding = 'utf8'> {
  /** Standard output, with its last newline; empty where the option `stdout` received it. */
  readonly stdout: E extends 'buffer' ? Buffer : string
  /** Standard error, in the same way. */
  readonly stderr: E extends 'buffer' ? Buffer : string
  /** Both outputs, in the order in which they were written, with the option `all`. */
  readonly all?: E extends 'buffer' ? Buffer : string
  /** The exit status, 0 to 255; 128 + the signal's number if a signal ended the program. */
  readonly exitCode: number
}
