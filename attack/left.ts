import { lstatSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { leftovers, type Traces } from '../test/support/leftovers.ts'
import { entries, text } from '../test/support/proc.ts'
import { sharedName, sharedSize } from './target/definition.ts'
import { PHASES_FILE } from './target/phase.ts'

const isRoot = process.getuid?.() === 0

/** How long anything of a session may exist after its run, in milliseconds. */
export const LEFT_LIMIT = 2_000

/** Things that any process can create, and that do not end with it. */
interface Places {
  readonly shared: ReadonlySet<string>
  readonly temporary: ReadonlySet<string>
  readonly segments: ReadonlySet<string>
}

export interface Suspects extends Traces {
  readonly directory: string
  /** The uids of services. */
  readonly uids: ReadonlySet<number>
  readonly before: Places
}

/** Lists these things before a run. */
export function look(): Places {
  return {
    shared: new Set(entries('/dev/shm')),
    temporary: new Set(entries(tmpdir())),
    segments: new Set(segments().map(({ line }) => line)),
  }
}

/** Waits until nothing is left, for 2 s at most. Returns what is left, as readable lines. */
export async function leftAfterWait(suspects: Suspects): Promise<string[]> {
  for (const end = performance.now() + LEFT_LIMIT; ; ) {
    const left = [...(await leftovers(suspects)), ...inPlaces(suspects)]
    if (left.length === 0 || performance.now() > end) return left
    // The kernel does not report the end of a mount, a group or a process
    await wait(25)
  }
}

function inPlaces({ directory, ids, uids, before }: Suspects): string[] {
  const added = (place: string, known: ReadonlySet<string>) =>
    entries(place).filter((name) => !known.has(name))
  const names = (name: string) => [...ids].some((id) => name.includes(id))
  // An ordinary user's session creates files with the user's uid, like all programs of the user
  const isOther = (uid: number) => isRoot && uids.has(uid)
  const isOf = (name: string, path: string) => names(name) || isOther(owner(path))
  const own = new Set([PHASES_FILE, `vitest-cluster-${process.getuid?.()}`])
  return [
    ...added('/dev/shm', before.shared)
      .filter(
        (name) => name.startsWith(sharedName(directory)) || isOf(name, join('/dev/shm', name)),
      )
      .map((name) => `/dev/shm/${name}`),
    ...added(tmpdir(), before.temporary)
      .map((name) => join(tmpdir(), name))
      .filter((path) => path !== directory && isOf(path, path))
      .map((path) => `entry ${path}`),
    ...added(directory, own).map((name) => `entry ${name} in its TMPDIR`),
    ...segments()
      .filter(
        ({ line, uid, size }) =>
          size === sharedSize(directory) || (isOther(uid) && !before.segments.has(line)),
      )
      .map(({ line }) => `System V ${line}`),
  ]
}

export function owner(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.uid ?? -1
}

/** See proc_sysvipc(5). */
function segments(): { line: string; uid: number; size: number }[] {
  return Object.entries({ shm: 'shmid', sem: 'semid', msg: 'msqid' }).flatMap(([kind, key]) => {
    const [head = '', ...rows] = text(`/proc/sysvipc/${kind}`).trim().split('\n')
    const columns = head.trim().split(/\s+/)
    return rows.map((row) => {
      const cells = row.trim().split(/\s+/)
      const uid = Number(cells[columns.indexOf('uid')])
      const size = Number(cells[columns.indexOf('size')])
      return { line: `${kind} ${cells[columns.indexOf(key)]} of uid ${uid}`, uid, size }
    })
  })
}
