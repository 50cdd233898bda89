import { expect, test } from 'vitest'
import type { Ids } from '../../../src/tree/build/ids.ts'
import type { Step } from '../../../src/tree/build/step.ts'
import { resolvedKey, wantedKey } from '../../../src/tree/make/plan.ts'

const step = (kind: string, title = kind): Step => ({
  ...{ kind, title },
  inputs: () => expect.unreachable('a key looks at nothing'),
  make: () => expect.unreachable('a key makes nothing'),
})
const MANY: Ids = { uids: 'many', base: 1 }
const INPUTS = { suite: 'trixie', 'package slapd': '' }
const KEY = wantedKey(step('debian'), INPUTS, MANY, undefined)

test('a key is 32 hexadecimal digits, and depends only on the step and its inputs', () => {
  expect(KEY).toMatch(/^[0-9a-f]{32}$/)
  const reordered = { 'package slapd': '', suite: 'trixie' }
  expect(wantedKey(step('debian', 'other title'), reordered, { ...MANY, base: 2 }, undefined)).toBe(
    KEY,
  )
})

test.for([
  ["the step's kind", wantedKey(step('rpm'), INPUTS, MANY, undefined)],
  [
    'the value of an input',
    wantedKey(step('debian'), { ...INPUTS, suite: 'sid' }, MANY, undefined),
  ],
  [
    'the name of an input',
    wantedKey(step('debian'), { ...INPUTS, 'package nano': '' }, MANY, undefined),
  ],
  ['the number of uids', wantedKey(step('debian'), INPUTS, { ...MANY, uids: 'one' }, undefined)],
  ['the key of the tree below', wantedKey(step('debian'), INPUTS, MANY, 'abc')],
  ['another key of the tree below', wantedKey(step('debian'), INPUTS, MANY, 'abd')],
  ['the resolved versions', resolvedKey(KEY, {})],
  ['a resolved version', resolvedKey(KEY, { slapd: '2.6' })],
  ['a newer resolved version', resolvedKey(KEY, { slapd: '2.7' })],
  ['the key before resolution', resolvedKey('other', { slapd: '2.7' })],
] as const)('a key depends on: %s', ([, other], { task }) => {
  expect(other).toMatch(/^[0-9a-f]{32}$/)
  expect(other, task.name).not.toBe(KEY)
})

test('the order of versions does not change a key', () => {
  expect(resolvedKey(KEY, { a: '1', b: '2' })).toBe(resolvedKey(KEY, { b: '2', a: '1' }))
  expect(resolvedKey(KEY, { a: '1' })).not.toBe(resolvedKey(KEY, { a: '2' }))
})
