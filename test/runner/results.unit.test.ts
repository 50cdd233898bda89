import { expect, test } from 'vitest'
import { elsewhere } from './parts.ts'
import { failuresOf } from './results.ts'
import { isExpected, type Machine } from './skips.ts'

/** CI's own: root, all programs, no systemd as PID 1. */
const CI: Machine = {
  root: true,
  booted: false,
  userManager: false,
  sysctls: true,
  netAdmin: true,
  tun: true,
  closed: false,
  throwaway: false,
  personal: false,
}

test('a skip is expected only on a machine that explains it', () => {
  const reason = 'only root can make this situation'
  expect(isExpected(reason, CI)).toBe(false)
  expect(isExpected(reason, { ...CI, root: false })).toBe(true)
  const zsh = 'zsh is not installed'
  expect(isExpected(zsh, CI)).toBe(false)
  expect(isExpected(zsh, { ...CI, throwaway: true })).toBe(true)
  expect(isExpected('it is late', CI)).toBe(false)
  expect(isExpected('it is late', { ...CI, personal: true })).toBe(true)
})

test('failed tests and skips that nobody expects are failures', () => {
  const file = { group: 'unit', file: 'a.test.ts', seconds: 1, passed: 1 }
  const skip = { test: 'c', reason: 'why', expected: true }
  const skipped = [skip, { ...skip, test: 'd', expected: false }]
  expect(failuresOf([{ ...file, failed: ['b'], skipped }])).toEqual([
    'a.test.ts > b',
    'a.test.ts > d: skipped, which nothing explains: why',
  ])
})

test('every part has a name of its own', () => {
  const names = elsewhere('ci').flatMap((lane) => lane.map(({ name }) => name))
  expect(new Set(names).size).toBe(names.length)
})
