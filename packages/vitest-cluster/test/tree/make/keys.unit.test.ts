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

test('a key is 32 hexadecimal digits, and says nothing but what it is made of', () => {
  expect(KEY).toMatch(/^[0-9a-f]{32}$/)
  const reordered = { 'package slapd': '', suite: 'trixie' }
  expect(wantedKey(step('debian', 'other title'), reordered, { ...MANY, base: 2 }, undefined)).toBe(
    KEY,
  )
})

test.for([
  ['its kind', wantedKey(step('rpm'), INPUTS, MANY, undefined)],
  ['a value', wantedKey(step('debian'), { ...INPUTS, suite: 'sid' }, MANY, undefined)],
  ['a name', wantedKey(step('debian'), { ...INPUTS, 'package nano': '' }, MANY, undefined)],
  ['whose files they are', wantedKey(step('debian'), INPUTS, { ...MANY, uids: 'one' }, undefined)],
  ['what is below', wantedKey(step('debian'), INPUTS, MANY, 'abc')],
  ['what else is below', wantedKey(step('debian'), INPUTS, MANY, 'abd')],
  ['what it was resolved to', resolvedKey(KEY, {})],
  ['a version', resolvedKey(KEY, { slapd: '2.6' })],
  ['a newer version', resolvedKey(KEY, { slapd: '2.7' })],
  ['the key that was wanted', resolvedKey('other', { slapd: '2.7' })],
] as const)('a key depends on %s', ([, other], { task }) => {
  expect(other).toMatch(/^[0-9a-f]{32}$/)
  expect(other, task.name).not.toBe(KEY)
})

test('versions are a set', () => {
  expect(resolvedKey(KEY, { a: '1', b: '2' })).toBe(resolvedKey(KEY, { b: '2', a: '1' }))
  expect(resolvedKey(KEY, { a: '1' })).not.toBe(resolvedKey(KEY, { a: '2' }))
})
