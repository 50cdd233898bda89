import { expect, test } from 'vitest'
import { isShort } from '../../../src/tree/build/failure.ts'

const ROOM = { bsize: 4096, blocks: 1000, bavail: 500, files: 1000, ffree: 500 }

test('a file system is short of room without blocks, and without inodes', () => {
  expect(isShort(ROOM)).toBe(false)
  expect(isShort({ ...ROOM, bavail: 15 })).toBe(true)
  expect(isShort({ ...ROOM, bavail: 16 })).toBe(false)
  expect(isShort({ ...ROOM, ffree: 15 })).toBe(true)
  expect(isShort({ ...ROOM, ffree: 16 })).toBe(false)
})

test('one that does not count them has room', () => {
  // ramfs, btrfs
  expect(isShort({ bsize: 4096, blocks: 0, bavail: 0, files: 0, ffree: 0 })).toBe(false)
  expect(isShort({ ...ROOM, files: 0, ffree: 0 })).toBe(false)
})
