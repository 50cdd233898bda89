import type { Space } from './disk.ts'
import type { Lack } from './lack.ts'

export function noSpace(directory: string): Lack {
  return {
    code: 'DISK_FULL',
    message: `the disk of ${directory} is full`,
    fix: `Remove files from it (df -h ${directory} shows its use), or set TMPDIR to a directory on another disk.`,
  }
}

/** For a program that met a full file system other than the session's own. */
export function noSpaceSomewhere(directory: string): Lack {
  return {
    code: 'DISK_FULL',
    message: `a disk that the program writes to is full (not the disk of ${directory})`,
    fix: 'Find the full disk: df -h and, for inodes, df -i.',
  }
}

export function noQuota(directory: string): Lack {
  return {
    code: 'DISK_FULL',
    message: `your quota on the disk of ${directory} is used up`,
    fix: `Remove files from it (quota shows your use), or set TMPDIR to a directory on another disk.`,
  }
}

export function noInodes(directory: string, { files = 0, ffree = 0 }: Partial<Space> = {}): Lack {
  return {
    code: 'NO_INODES',
    message: `the disk of ${directory} has no inodes left for more files (${files - ffree} of ${files} are used)`,
    fix: `Remove files from it (df -i ${directory} shows its use), on a tmpfs raise the limit (mount -o remount,nr_inodes=…), or set TMPDIR to a directory on another disk.`,
  }
}
