import type { Writable } from 'node:stream'
import { libexec } from '../libexec.ts'
import { startChild } from '../shortage/child.ts'

/** An open file or stream that a child process can inherit. */
export type Held = number | Writable

/**
 * Starts a process that holds a session instead of this process, see libexec/holder.sh.
 * @param held the open files and streams by which this process holds the session
 * @param seconds after which the holder ends; never by default
 * @returns the holder's process number
 */
export async function startHolder(held: readonly Held[], seconds?: number): Promise<number> {
  const duration = seconds === undefined ? 'infinity' : `${seconds}`
  // detached: in a new process session, so that Ctrl-C and the end of the terminal do not reach it
  const child = await startChild('sh', [libexec('holder.sh'), duration], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', ...held],
  })
  child.unref()
  return child.pid as number
}
