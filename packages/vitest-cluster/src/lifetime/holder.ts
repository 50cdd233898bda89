import type { Writable } from 'node:stream'
import { libexec } from '../libexec.ts'
import { startChild } from '../shortage/child.ts'

/** Something open that a child process can inherit. */
export type Held = number | Writable

/**
 * Starts a process that holds a session instead of this one: libexec/holder.sh says how.
 * @param held what this process holds of the session
 * @param seconds after which it ends by itself; never by default
 * @returns its process number
 */
export async function startHolder(held: readonly Held[], seconds?: number): Promise<number> {
  const duration = seconds === undefined ? 'infinity' : `${seconds}`
  // detached: a process session of its own, which neither Ctrl-C nor the end of the terminal reaches
  const child = await startChild('sh', [libexec('holder.sh'), duration], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', ...held],
  })
  child.unref()
  return child.pid as number
}
