import { expect, test } from 'vitest'
import { seconds } from '../../src/cli/time.ts'
import { refusal } from '../helpers/refusal.ts'

test('the time of an option is parsed; a missing option has none', () => {
  expect(seconds({ for: '30m' }, 'for')).toBe(1800)
  expect(seconds({ other: '30m' }, 'for')).toBeUndefined()
  expect(seconds({ for: true }, 'for')).toBeUndefined()
})

test("an invalid duration is refused with the option's name", () => {
  expect(refusal(() => seconds({ for: 'ever' }, 'for'))).toEqual({
    code: 'USAGE',
    message: '--for is "ever", which is not a duration',
    fix: 'Give a time such as 90s, 30m, 2h or 30d.',
  })
})
