import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { namesIn, pathOf } from './names.ts'

/** The bytes that files have on disk at or below a path of this user's, as du(1) counts them. 0 where there is nothing. */
export async function sizeOnDisk(path: string, seen = new Set<string>()): Promise<number> {
  const stat = await lstat(pathOf(path)).catch(() => undefined)
  if (!stat) return 0
  const inode = `${stat.dev} ${stat.ino}`
  if (seen.has(inode)) return 0
  seen.add(inode)
  let size = stat.blocks * 512
  if (!stat.isDirectory()) return size
  for (const name of listed(path)) size += await sizeOnDisk(join(path, name), seen)
  return size
}

function listed(path: string): string[] {
  try {
    return namesIn(path)
  } catch {
    return []
  }
}
