import type { ChildProcessByStdio } from 'node:child_process'
import type { Writable } from 'node:stream'
import { libexec } from '../libexec.ts'
import { startChild } from '../shortage/child.ts'

/** An open file or stream that a child process can inherit. */
export type Held = number | Writable

/** A process that holds a session instead of this process. It ends with this process until `hold()` has resolved. */
export interface Holder {
  readonly pid: number
  hold(): Promise<void>
}

/**
 * Starts the process that will hold a session, see libexec/holder.sh.
 * @param held the open files and streams by which this process holds the session
 * @param seconds after which the holder ends; never by default
 */
export async function startHolder(held: readonly Held[], seconds?: number): Promise<Holder> {
  const duration = seconds === undefined ? 'infinity' : `${seconds}`
  // detached: in a new process session, so that Ctrl-C and the end of the terminal do not reach it
  const child = await startChild<ChildProcessByStdio<Writable, null, null>>(
    'sh',
    [libexec('holder.sh'), duration],
    { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore', ...held] },
  )
  child.unref()
  return {
    pid: child.pid as number,
    hold: () => new Promise((resolve) => child.stdin.end('hold\n', () => resolve())),
  }
}
