/** Opens, uses and closes so many sessions in one process, and prints the process's resources before and after. */
import { readdirSync, readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openSession } from 'vitest-cluster'
import { cluster } from './definition.ts'
import { use } from './uses.ts'

/** The resources of a process. */
export interface Holds {
  readonly descriptors: number
  readonly children: number
  /** Listeners on `process`: for signals, its end, warnings and so on. */
  readonly listeners: number
  readonly 'heap, KiB': number
  /** V8 chooses the size of its heap, 50 MiB or 150, independent of its content. */
  readonly 'memory besides the heap, KiB': number
}

/** The output of the process. */
export interface Growth {
  /** The number of sessions before the first measurement. */
  readonly warmUp: number
  readonly before: Holds
  readonly after: Holds
}

/** Sessions before the first measurement, since modules are loaded and pools are filled once. */
const WARM_UP = 20

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

const count = Number(process.argv[2])
const warmUp = Math.min(WARM_UP, Math.floor(count / 2))
for (let number = 0; number < warmUp; number++) await session()
const before = holds()
for (let number = warmUp; number < count; number++) await session()
console.log(JSON.stringify({ warmUp, before, after: holds() } satisfies Growth))

async function session(): Promise<void> {
  const session = await openSession(cluster)
  try {
    await use(session, true)
  } finally {
    await session.close()
  }
}

function holds(): Holds {
  // A second collection frees what the finalizers of the first one released
  collect()
  collect()
  const { heapUsed, heapTotal, rss } = process.memoryUsage()
  const tasks = readdirSync('/proc/self/task')
  const children = tasks.flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  )
  const names = process.eventNames()
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    children: children.length,
    listeners: names.reduce((sum, name) => sum + process.listenerCount(name), 0),
    'heap, KiB': Math.round(heapUsed / 1024),
    'memory besides the heap, KiB': Math.round((rss - heapTotal) / 1024),
  }
}
