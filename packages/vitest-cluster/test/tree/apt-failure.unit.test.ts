import { expect, test } from 'vitest'
import { aptFailure } from '../../src/tree/apt-failure.ts'

const told = (lines: readonly string[], from = {}) => {
  const { code, message } = aptFailure({ exitCode: 25, stdout: '', lines }, from)
  return `${code} ${message.split('\n')[0]}`
}

test.for([
  // apt 2.6 and apt 3.0
  ['E: Unable to locate package slapdd'],
  ['Error: Unable to locate package slapdd'],
  ["E: Package 'slapdd' has no installation candidate"],
])('a package that is not there: %s', ([line = '']) => {
  expect(told(['Reading package lists...', line], { suite: 'trixie' })).toBe(
    "UNKNOWN_PACKAGE there is no package 'slapdd' in trixie [UNKNOWN_PACKAGE]",
  )
})

test('what nobody has a word for is shown as it was printed', () => {
  const { code, details } = aptFailure({ exitCode: 100, stdout: '', lines: ['E: odd'] }, {})
  expect([code, details.log]).toEqual(['TREE_FAILED', ['E: odd']])
})
