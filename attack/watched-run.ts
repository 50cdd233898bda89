import type { Ports } from '../test/support/ports.ts'
import { cleanUp } from './cleanup.ts'
import { leftAfterWait, look } from './left.ts'
import { Run } from './run.ts'
import type { Host } from './tries.ts'

/** A run and its leftovers. At the end of its scope the run is ended, and the leftovers are removed. */
export interface WatchedRun extends AsyncDisposable {
  readonly run: Run
  /** What is left 2 s after the run's end, as readable lines. */
  left(ports?: Ports): Promise<string[]>
}

/** Starts a run. @param argv arguments of target/program.ts, or another script below target/ with arguments */
export function watchedRun(host: Host, argv: readonly string[] = ['program.ts', '2']): WatchedRun {
  const before = look()
  const run = new Run(host, argv)
  const kill = () => {
    if (run.running) process.kill(-run.pid, 'SIGKILL')
  }
  process.once('exit', kill)
  const left = ({ locks, numbers }: Ports = { locks: [], numbers: [] }) => {
    const { directory, ids, uids } = run
    return leftAfterWait({ directory, ids, uids, before, ports: { locks, numbers } })
  }
  return {
    run,
    left,
    async [Symbol.asyncDispose]() {
      kill()
      await run.ended
      await cleanUp(run.directory, await left())
      process.off('exit', kill)
      const remains = await left()
      await run.remove()
      // The leftovers of this run must not count for the next one
      if (remains.length > 0) throw new Error(`cannot be removed: ${remains.join(', ')}`)
    },
  }
}
