import type { Ports } from '../test/support/ports.ts'
import { cleanUp } from './cleanup.ts'
import { leftAfterWait, look } from './left.ts'
import { Run } from './run.ts'
import type { Host } from './tries.ts'

/** A run, and what it leaves. At the end of its scope it is ended, and what it left is removed. */
export interface WatchedRun extends AsyncDisposable {
  readonly run: Run
  /** What there is 2 s after its end, as lines for a reader. */
  left(ports?: Ports): Promise<string[]>
}

/** Starts one. @param argv of target/program.ts, or of another script below target/ */
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
      // The next run must not be judged by what this one left
      if (remains.length > 0) throw new Error(`cannot be removed: ${remains.join(', ')}`)
    },
  }
}
