import { expect, test } from 'vitest'
import {
  chooseTrees,
  keepOrder,
  passedDown,
  type Surveyed,
  type Wishes,
} from '../../src/tree/cache/choose.ts'

const tree = (key: string, options: Partial<Surveyed> = {}): Surveyed => ({
  ...{ key, title: key, below: undefined, lastUse: 0, users: [] },
  ...options,
})

/** The keys of the trees that are removed; each tree has 10 bytes. */
function gone(trees: readonly Surveyed[], wishes: Wishes): string[] {
  const ordered = keepOrder(passedDown(trees), wishes)
  const sizes = new Map(trees.map(({ key }) => [key, 10]))
  return chooseTrees(ordered, sizes, wishes).map(({ key }) => key)
}

const base = tree('base', { lastUse: 1 })
const old = tree('old', { below: 'base', lastUse: 2 })
const young = tree('young', { below: 'base', lastUse: 9 })
const trees = [young, base, old]

test('without conditions all trees are removed, the longest unused first', () => {
  expect(gone(trees, {})).toEqual(['old', 'young', 'base'])
})

test('the last use of a tree includes the uses of trees built on it', () => {
  expect(gone(trees, { usedBefore: 5 })).toEqual(['old'])
  expect(gone(trees, { usedBefore: 10 })).toEqual(['old', 'young', 'base'])
})

test.for([
  { maxSize: 30, goes: [] },
  { maxSize: 29, goes: ['old'] },
  { maxSize: 15, goes: ['old', 'young'] },
  { maxSize: 0, goes: ['old', 'young', 'base'] },
])('trees beyond $maxSize bytes are removed', ({ maxSize, goes }) => {
  expect(gone(trees, { maxSize })).toEqual(goes)
})

test('a tree in use is kept, and others are removed in its place', () => {
  const used = tree('used', { users: ['session-0123abcd'] })
  expect(gone([used, ...trees], { maxSize: 20 })).toEqual(['old', 'young'])
})

test('a tree to be removed by key comes last in the order, so that its size is what is freed', () => {
  expect(keepOrder(trees, { key: 'young' }).at(-1)?.key).toBe('young')
  expect(gone(trees, { key: 'young' })).toEqual(['young'])
})
