import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TreeStore } from './store.ts'

/**
 * Removes what was downloaded for trees and that nobody has read since. Directories stay.
 * @param usedBefore milliseconds since 1970; the file system may know the last use to a day only (mount(8), relatime)
 * @returns the bytes that came free
 */
export async function removeDownloads(
  usedBefore: number,
  directory = new TreeStore().downloads,
): Promise<number> {
  let freed = 0
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name)
    const stat = await lstat(path).catch(() => undefined)
    if (!stat) continue
    if (stat.isDirectory()) freed += await removeDownloads(usedBefore, path)
    else if (Math.max(stat.atimeMs, stat.mtimeMs) < usedBefore) {
      await rm(path, { force: true })
      if (stat.nlink === 1) freed += stat.blocks * 512
    }
  }
  return freed
}
