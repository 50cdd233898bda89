import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { namesIn, pathOf } from './names.ts'

/** The disk usage of a path of this user in bytes, as du(1) counts it. 0 if the path does not exist. */
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
