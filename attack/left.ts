import { lstatSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { leftovers, type Traces } from '../test/support/leftovers.ts'
import { entries, text } from '../test/support/proc.ts'
import { sharedName, sharedSize } from './target/definition.ts'
import { PHASES_FILE } from './target/phase.ts'

const isRoot = process.getuid?.() === 0

/** How long something of a session may stay after its run. */
export const LEFT_LIMIT = 2_000

/** What any process of the machine can make, and nobody takes away with it. */
interface Places {
  readonly shared: ReadonlySet<string>
  readonly temporary: ReadonlySet<string>
  readonly segments: ReadonlySet<string>
}

export interface Suspects extends Traces {
  readonly directory: string
  /** Of the services. */
  readonly uids: ReadonlySet<number>
  readonly before: Places
}

/** What there is before a run. */
export function look(): Places {
  return {
    shared: new Set(entries('/dev/shm')),
    temporary: new Set(entries(tmpdir())),
    segments: new Set(segments().map(({ line }) => line)),
  }
}

/** Waits until nothing is left, 2 s at most. Says what is, as lines for a reader. */
export async function leftAfterWait(suspects: Suspects): Promise<string[]> {
  for (const end = performance.now() + LEFT_LIMIT; ; ) {
    const left = [...(await leftovers(suspects)), ...inPlaces(suspects)]
    if (left.length === 0 || performance.now() > end) return left
    // The kernel tells nobody that a mount, a group or a process has gone
    await wait(25)
  }
}

function inPlaces({ directory, ids, uids, before }: Suspects): string[] {
  const added = (place: string, known: ReadonlySet<string>) =>
    entries(place).filter((name) => !known.has(name))
  const names = (name: string) => [...ids].some((id) => name.includes(id))
  // Those of an ordinary user's session are his own, as those of all his programs
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

/** Of proc_sysvipc(5). */
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
