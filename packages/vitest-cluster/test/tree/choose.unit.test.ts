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

/** The keys of the trees that go, each of which has 10 bytes of its own. */
function gone(trees: readonly Surveyed[], wishes: Wishes): string[] {
  const ordered = keepOrder(passedDown(trees), wishes)
  const sizes = new Map(trees.map(({ key }) => [key, 10]))
  return chooseTrees(ordered, sizes, wishes).map(({ key }) => key)
}

const base = tree('base', { lastUse: 1 })
const old = tree('old', { below: 'base', lastUse: 2 })
const young = tree('young', { below: 'base', lastUse: 9 })
const trees = [young, base, old]

test('without further wishes all go, the longest unused first', () => {
  expect(gone(trees, {})).toEqual(['old', 'young', 'base'])
})

test('a tree is as young as what was made of it', () => {
  expect(gone(trees, { usedBefore: 5 })).toEqual(['old'])
  expect(gone(trees, { usedBefore: 10 })).toEqual(['old', 'young', 'base'])
})

test.for([
  { maxSize: 30, goes: [] },
  { maxSize: 29, goes: ['old'] },
  { maxSize: 15, goes: ['old', 'young'] },
  { maxSize: 0, goes: ['old', 'young', 'base'] },
])('what has no room within $maxSize bytes goes', ({ maxSize, goes }) => {
  expect(gone(trees, { maxSize })).toEqual(goes)
})

test('what is used keeps its room: others go for it', () => {
  const used = tree('used', { users: ['session-0123abcd'] })
  expect(gone([used, ...trees], { maxSize: 20 })).toEqual(['old', 'young'])
})

test('the one that was asked for is counted last, so that its size is what is freed', () => {
  expect(keepOrder(trees, { key: 'young' }).at(-1)?.key).toBe('young')
  expect(gone(trees, { key: 'young' })).toEqual(['young'])
})
