import type { Space } from './disk.ts'
import type { Lack } from './lack.ts'

export function noSpace(directory: string): Lack {
  return {
    code: 'DISK_FULL',
    message: `the disk of ${directory} is full`,
    fix: `Check what fills it (df -h ${directory}), or run with a TMPDIR on another disk.`,
  }
}

/** A program met a full file system, and the session's own is none. */
export function noSpaceSomewhere(directory: string): Lack {
  return {
    code: 'DISK_FULL',
    message: `a disk that it writes to is full (that of ${directory} has room)`,
    fix: 'Find out which: df -h and, for inodes, df -i.',
  }
}

export function noQuota(directory: string): Lack {
  return {
    code: 'DISK_FULL',
    message: `your quota on the disk of ${directory} is used up`,
    fix: `Check what fills it (quota; df -h ${directory}), or run with a TMPDIR on another disk.`,
  }
}

export function noInodes(directory: string, { files = 0, ffree = 0 }: Partial<Space> = {}): Lack {
  return {
    code: 'NO_INODES',
    message: `the disk of ${directory} has no inodes left for more files (${files - ffree} of ${files} are used)`,
    fix: `Remove files there (df -i ${directory}; a tmpfs gets more by: mount -o remount,nr_inodes=…), or run with a TMPDIR on another disk.`,
  }
}
