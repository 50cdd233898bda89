import { type StatsFs, statfsSync } from 'node:fs'

/** The resource of a file system that has run out. */
export type Filled = 'blocks' | 'inodes'

/** What {@link filled} looks at (statfs(2)). */
export type Space = Pick<StatsFs, 'blocks' | 'bavail' | 'bsize' | 'files' | 'ffree'>

/** The resource that a file system has hardly any of left (statfs(2)). Pure. */
export function filled({ blocks, bavail, bsize, files, ffree }: Space): Filled | undefined {
  // Some do not count blocks (ramfs) or inodes (btrfs)
  if (files > 0 && ffree < 16) return 'inodes'
  return blocks > 0 && bavail * bsize < 64 * 1024 ? 'blocks' : undefined
}

/** The same for the file system of a directory, or of its nearest parent that exists. */
export function filledAt(directory: string): Filled | undefined {
  const space = spaceAt(directory)
  return space && filled(space)
}

/** The space in the file system of a directory, or of its nearest parent that exists. */
export function spaceAt(directory: string): Space | undefined {
  for (let at = directory; ; at = at.slice(0, at.lastIndexOf('/')) || '/') {
    try {
      return statfsSync(at)
    } catch {
      if (at === '/' || !at.includes('/')) return undefined
    }
  }
}
