import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { placeOf } from '../../src/shortage/groups.ts'

const LIMITS = { pids: ['pids.max'], memory: ['memory.max', 'memory.limit_in_bytes'] }

/** Why a test that needs one is skipped. */
export const NO_GROUP = 'no control group that limits processes or memory can be made here'

/** A control group that limits who is in it, until the test ends. */
export interface LimitedGroup {
  readonly directory: string
  /** The program that starts another in it: `[...enter, 'node', …]`. */
  readonly enter: readonly string[]
  limit(value: number): void
}

/** Undefined where this machine does not let its root make one: in a container of a group that is in use. */
export function limitedGroup(controller: 'pids' | 'memory'): LimitedGroup | undefined {
  const text = (path: string) => readFileSync(path, 'utf8')
  const place = placeOf(controller, text('/proc/self/cgroup'), text('/proc/self/mountinfo'))
  if (!place) return undefined
  const directory = join(place.mount, `limited-${randomBytes(4).toString('hex')}`)
  try {
    mkdirSync(directory)
  } catch {
    return undefined
  }
  onTestFinished(() => rmdirSync(directory))
  const file = LIMITS[controller].map((name) => join(directory, name)).find(existsSync)
  if (!file) return undefined
  const script = 'echo 0 >"$0/cgroup.procs" && exec "$@"'
  return {
    directory,
    enter: ['sh', '-c', script, directory],
    limit: (value) => writeFileSync(file, `${value}`),
  }
}
