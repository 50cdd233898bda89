import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { placeOf } from '../../src/shortage/groups.ts'

const LIMITS = { pids: ['pids.max'], memory: ['memory.max', 'memory.limit_in_bytes'] }

/** The reason for skipping a test that needs one. */
export const NO_GROUP = 'no control group that limits processes or memory can be made here'

/** Makes a control group with a limit, which is removed when the test ends. */
export interface LimitedGroup {
  readonly directory: string
  /** The command that starts a program in the group: `[...enter, 'node', …]`. */
  readonly enter: readonly string[]
  limit(value: number): void
}

/** Undefined if root cannot make one: in a container whose own group has processes. */
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
