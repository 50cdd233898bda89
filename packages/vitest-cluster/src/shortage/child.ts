import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../errors.ts'

/**
 * Starts a program as spawn() does, and resolves when it runs. If it cannot be started, rejects with the system error:
 * spawn() itself throws some errors, returns a child without streams for others (EMFILE), and emits the rest as an event,
 * which ends the process if there is no listener. Listeners that the caller adds right after the `await` miss no output of
 * the child, nor its end.
 */
export async function startChild<C extends ChildProcess = ChildProcess>(
  program: string,
  argv: readonly string[],
  options: SpawnOptions,
): Promise<C> {
  const child = spawn(program, [...argv], options)
  await once(child, 'spawn')
  // From now on only for a signal that could not be sent: the end of the child is its event `exit`
  child.on('error', () => {})
  return child as C
}

/**
 * Whether a program could not be started because there is none. If PATH has a directory that this user may not search, such
 * as one of root's after `su`, execvp(3) fails with EACCES then, not with ENOENT.
 * @param path the PATH that was searched
 */
export function isMissing(error: unknown, name: string, path = process.env['PATH'] ?? ''): boolean {
  const errno = errnoOf(error)
  if (errno !== 'EACCES' || name.includes('/')) return errno === 'ENOENT'
  return path.split(':').every((directory) => !existsSync(join(directory || '.', name)))
}
