import { basename, dirname } from 'node:path'
import { HeldDirectory } from '../disk/held-directory.ts'

/** A unit's file, and when it was written: microseconds since 1970. */
export interface UnitFile {
  readonly text: string
  readonly made: number
}

/**
 * The file of a transient unit, by its `FragmentPath=`; undefined where it cannot be seen. A private manager's /run is
 * its own: it is seen through the manager's root (proc(5), /proc/PID/root), in which no link is followed: an absolute
 * one would lead to the host's files.
 */
export async function unitFile(path: string, managerPid: number): Promise<UnitFile | undefined> {
  for (const root of ['', `/proc/${managerPid}/root`]) {
    try {
      return await readUnit(root, path)
    } catch {
      // the other one
    }
  }
  return undefined
}

async function readUnit(root: string, path: string): Promise<UnitFile> {
  const top = await HeldDirectory.open(`${root}/.`)
  const directory = await top.below(dirname(path)).finally(() => top.close())
  const file = await directory.read(basename(path)).finally(() => directory.close())
  try {
    const { mtimeNs } = await file.stat({ bigint: true })
    return { text: await file.readFile('utf8'), made: Number(mtimeNs / 1000n) }
  } finally {
    await file.close()
  }
}
