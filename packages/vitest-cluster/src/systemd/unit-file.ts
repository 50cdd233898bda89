import { basename, dirname } from 'node:path'
import { HeldDirectory } from '../disk/held-directory.ts'

/** A unit's file, and when it was written: microseconds since 1970. */
export interface UnitFile {
  readonly text: string
  readonly made: number
}

/**
 * The file of a transient unit, by its `FragmentPath=`; undefined if it cannot be read. A private manager has its own /run:
 * the file is read through the manager's root (proc(5), /proc/PID/root). No symbolic link is followed there, because an
 * absolute one would lead to the host's files.
 */
export async function unitFile(path: string, managerPid: number): Promise<UnitFile | undefined> {
  for (const root of ['', `/proc/${managerPid}/root`]) {
    try {
      return await readUnit(root, path)
    } catch {
      // Try the next root
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
