import { expect, test } from 'vitest'
import { limitedGroup, NO_GROUP } from '../helpers/limited-group.ts'
import { from, openWithMore, smallDisk } from '../helpers/short-of.ts'
import { ONLY_ROOT, ROOT, skipWhen } from '../helpers/situation.ts'

const LONG = 600_000

test('opening a session fails with NO_DESCRIPTORS for each limit of descriptors that is too low', {
  timeout: LONG,
}, async () => {
  const give = (most: number) => ['prlimit', `--nofile=${most}`]
  expect((await openWithMore(from(22, 1), ['NO_DESCRIPTORS'], give)).length).toBeGreaterThan(5)
})

test('opening a session fails with NO_PROCESSES for each limit of processes that is too low', {
  timeout: LONG,
}, async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const group = limitedGroup('pids')
  skipWhen(skip, group === undefined, NO_GROUP)
  const give = (most: number) => {
    group?.limit(most)
    return group?.enter ?? []
  }
  expect((await openWithMore(from(9, 1), ['NO_PROCESSES'], give)).length).toBeGreaterThan(5)
})

test("opening a session fails with NO_PROCESSES for each limit of the user's processes that is too low", {
  timeout: LONG,
}, async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const give = (most: number) => ['prlimit', `--nproc=${most}`]
  expect((await openWithMore(from(1, 1), ['NO_PROCESSES'], give)).length).toBeGreaterThan(1)
})

test('opening a session fails with NO_INODES for each number of inodes that is too low', {
  timeout: LONG,
}, async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const give = (most: number) => smallDisk(`nr_inodes=${most}`)
  expect((await openWithMore(from(2, 1), ['NO_INODES'], give)).length).toBeGreaterThan(20)
})

test('opening a session fails with DISK_FULL for each size of a disk that is too small', {
  timeout: LONG,
}, async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const give = (most: number) => smallDisk(`size=${most}k`)
  expect((await openWithMore(from(4, 4), ['DISK_FULL'], give)).length).toBeGreaterThan(5)
})
