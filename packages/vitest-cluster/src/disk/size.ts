import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The bytes that files have on disk at or below a path of this user's, as du(1) counts them. 0 where there is nothing. */
export async function sizeOnDisk(path: string, seen = new Set<string>()): Promise<number> {
  const stat = await lstat(path).catch(() => undefined)
  if (!stat) return 0
  const inode = `${stat.dev} ${stat.ino}`
  if (seen.has(inode)) return 0
  seen.add(inode)
  let size = stat.blocks * 512
  if (!stat.isDirectory()) return size
  for (const name of await readdir(path).catch(() => [])) {
    size += await sizeOnDisk(join(path, name), seen)
  }
  return size
}
