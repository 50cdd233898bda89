import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../src/duration.ts'

test.for([
  ['90s', 90],
  ['30m', 1800],
  ['2h', 7200],
  ['0.5s', 0.5],
  ['1d', 86_400],
  ['1.25h', 4500],
] as const)('%s are %d seconds', ([text, seconds]) => {
  expect(parseDuration(text)).toBe(seconds)
})

test.for([
  '',
  '5',
  '0s',
  '0.0h',
  '-1s',
  '1w',
  'ever',
  ' 1s',
  '1s ',
  '1 s',
  '1.s',
  '.5s',
  '1e3s',
  '1sm',
])('%j is no time', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test.for([
  [-5, '0 s'],
  [5.4, '5 s'],
  [119.4, '119 s'],
  [119.6, '2 min'],
  [1800, '30 min'],
  [7169, '119 min'],
  [7170, '2 h'],
  [7500, '2 h 5 min'],
  [86_400, '24 h'],
] as const)('%d seconds are told as %s', ([seconds, text]) => {
  expect(formatDuration(seconds)).toBe(text)
})
