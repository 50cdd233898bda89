import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'

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
