import { expect, test } from 'vitest'
import { filled } from '../../src/shortage/disk.ts'

const ROOM = { bsize: 4096, blocks: 1000, bavail: 500, files: 1000, ffree: 500 }

test('a file system without free blocks or inodes is reported', () => {
  expect(filled(ROOM)).toBe(undefined)
  expect(filled({ ...ROOM, bavail: 15 })).toBe('blocks')
  expect(filled({ ...ROOM, bavail: 16 })).toBe(undefined)
  expect(filled({ ...ROOM, ffree: 15 })).toBe('inodes')
  expect(filled({ ...ROOM, ffree: 16 })).toBe(undefined)
})

test('a file system that does not count blocks or inodes is not reported as full', () => {
  // ramfs, btrfs
  expect(filled({ bsize: 4096, blocks: 0, bavail: 0, files: 0, ffree: 0 })).toBe(undefined)
  expect(filled({ ...ROOM, files: 0, ffree: 0 })).toBe(undefined)
})
