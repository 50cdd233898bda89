import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Starts a program as spawn() does, and resolves when it runs. Where it cannot be started it rejects with the system's
 * reason: spawn() itself then throws for some reasons, gives a child without streams for others (EMFILE), and says the
 * rest as an event, which ends the process where nobody listens. What the caller does with the child right after the
 * `await` comes before anything that the child says or its end.
 */
export async function startChild<C extends ChildProcess = ChildProcess>(
  program: string,
  argv: readonly string[],
  options: SpawnOptions,
): Promise<C> {
  const child = spawn(program, [...argv], options)
  await once(child, 'spawn')
  // Only of a signal that could not be sent, from now on: the child is seen to end by its `exit`
  child.on('error', () => {})
  return child as C
}
