import { readFile, stat } from 'node:fs/promises'

/**
 * The file of a transient unit, by its `FragmentPath=`; undefined where it cannot be seen. A private manager's /run is
 * its own: it is seen through the manager's root (proc(5), /proc/PID/root).
 */
export async function unitFile(
  path: string,
  managerPid: number,
): Promise<{ readonly text: string; readonly made: number } | undefined> {
  for (const root of ['', `/proc/${managerPid}/root`]) {
    try {
      const [text, { mtimeNs }] = await Promise.all([
        readFile(`${root}${path}`, 'utf8'),
        stat(`${root}${path}`, { bigint: true }),
      ])
      return { text, made: Number(mtimeNs / 1000n) }
    } catch {
      // the other one
    }
  }
  return undefined
}
