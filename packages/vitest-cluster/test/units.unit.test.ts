import { expect, test } from 'vitest'
import { bytes, duration, parseDuration } from '../src/units.ts'

test.for([
  [-5_000, '0 ms'],
  [0, '0 ms'],
  [0.34, '340 µs'],
  [12.4, '12 ms'],
  [999.6, '1 s'],
  [1_440, '1.4 s'],
  [30_000, '30 s'],
  [59_960, '1 min'],
  [119_400, '1 min 59 s'],
  [1_800_000, '30 min'],
  [7_169_000, '1 h 59 min'],
  [7_170_000, '2 h'],
  [7_500_000, '2 h 5 min'],
  [86_400_000, '24 h'],
] as const)('%d milliseconds are %s', ([milliseconds, text]) => {
  expect(duration(milliseconds)).toBe(text)
})

test.for([
  [0, 1000, '0 B'],
  [999, 1000, '999 B'],
  [12_345, 1000, '12.3 kB'],
  [304_123_456, 1000, '304 MB'],
  [21_474_836_480, 1000, '21.5 GB'],
  [209_715_200, 1024, '200 MiB'],
  [5e15, 1000, '5000 TB'],
] as const)('%d bytes in powers of %d are %s', ([count, base, text]) => {
  expect(bytes(count, base)).toBe(text)
})

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
])('%j is not a duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})
