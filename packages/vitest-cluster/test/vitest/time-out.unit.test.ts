import { expect, test } from 'vitest'
import { isTimeOut } from '../../src/vitest/time-out.ts'

test('time-out errors are recognized by their messages', () => {
  const texts = [
    'Test timed out in 2000ms.',
    'BindRequest: Operation timed out',
    'Connection timeout',
    'timeout of 1000ms exceeded',
    'Command timed out after 700 milliseconds: hg',
    'Connection timed out during banner exchange',
    'This operation was aborted',
    'connect ETIMEDOUT 127.0.0.1:9',
  ]
  for (const message of texts) expect(isTimeOut({ name: 'Error', message })).toBe(true)
  expect(isTimeOut({ name: 'TimeoutError', message: 'x' })).toBe(true)
  expect(isTimeOut({ message: 'x', code: 'UND_ERR_HEADERS_TIMEOUT' })).toBe(true)
  expect(isTimeOut(new Error('fetch failed', { cause: new Error('Headers Timeout Error') }))).toBe(
    true,
  )
})

test('other errors are not recognized as time-outs', () => {
  for (const error of ['expected 1 to be 2', { message: 'a time' }, null, undefined, 7])
    expect(isTimeOut(error)).toBe(false)
  const circular: Record<string, unknown> = { message: 'x' }
  circular['cause'] = circular
  expect(isTimeOut(circular)).toBe(false)
})
