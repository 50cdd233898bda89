import { expect, test } from 'vitest'
import { limitedGroup, NO_GROUP } from '../helpers/limited-group.ts'
import { from, smallDisk, sweepUp } from '../helpers/short-of.ts'
import { ONLY_ROOT, ROOT, skipWhen } from '../helpers/situation.ts'

const LONG = 600_000

test('each number of file descriptors', { timeout: LONG }, async () => {
  const give = (most: number) => ['prlimit', `--nofile=${most}`]
  expect((await sweepUp(from(22, 1), ['NO_DESCRIPTORS'], give)).length).toBeGreaterThan(5)
})

test('each number of processes', { timeout: LONG }, async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const group = limitedGroup('pids')
  skipWhen(skip, group === undefined, NO_GROUP)
  const give = (most: number) => {
    group?.limit(most)
    return group?.enter ?? []
  }
  expect((await sweepUp(from(9, 1), ['NO_PROCESSES'], give)).length).toBeGreaterThan(5)
})

test("each number of processes of the services' user", { timeout: LONG }, async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const give = (most: number) => ['prlimit', `--nproc=${most}`]
  expect((await sweepUp(from(1, 1), ['NO_PROCESSES'], give)).length).toBeGreaterThan(1)
})

test('each number of inodes', { timeout: LONG }, async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const give = (most: number) => smallDisk(`nr_inodes=${most}`)
  expect((await sweepUp(from(2, 1), ['NO_INODES'], give)).length).toBeGreaterThan(20)
})

test('each size of a disk', { timeout: LONG }, async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const give = (most: number) => smallDisk(`size=${most}k`)
  expect((await sweepUp(from(4, 4), ['DISK_FULL'], give)).length).toBeGreaterThan(5)
})
