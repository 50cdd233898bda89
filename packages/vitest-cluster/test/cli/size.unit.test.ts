import { expect, test } from 'vitest'
import { size } from '../../src/cli/size.ts'
import { refusal } from '../helpers/refusal.ts'

test.for([
  ['0', 0],
  ['1500', 1500],
  ['1500B', 1500],
  ['2k', 2e3],
  ['500M', 5e8],
  ['1.5GB', 1.5e9],
  ['1T', 1e12],
] as const)('%s are %d bytes', ([text, bytes]) => {
  expect(size({ 'max-size': text }, 'max-size')).toBe(bytes)
})

test('a missing option has no size', () => {
  expect(size({ other: '1k' }, 'max-size')).toBeUndefined()
})

test.for(['', 'big', '1K', '1 k', '-1', '.5G', '5.G', '1kk', 'x1k', '1Gx'])(
  '%j is not a size',
  (text) => {
    expect(refusal(() => size({ 'max-size': text }, 'max-size'))).toEqual({
      code: 'USAGE',
      message: `--max-size is ${JSON.stringify(text)}, which is not a size`,
      fix: 'Give a size such as 500M or 5G.',
    })
  },
)
