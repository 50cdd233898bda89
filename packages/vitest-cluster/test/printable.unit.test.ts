import { expect, test } from 'vitest'
import { ClusterError } from '../src/errors.ts'
import { printable } from '../src/printable.ts'

test.for([
  [
    'colours',
    '[\x1b[0;32m  OK  \x1b[0m] Started \x1b[0;1;39ma.service\x1b[0m.',
    '[  OK  ] Started a.service.',
  ],
  ['an invalid parameter', '\x1b[!p\x1b[?7h\x1b[32766;32766H\x1b[6n\x1b[1Glogin:', 'login:'],
  ['CSI of one character', '\x9b31mred\x9bm', 'red'],
  ['a title that BEL ends', '\x1b]0;title\x07text', 'text'],
  ['a string that ST ends', '\x1b]104\x1b\\\x1b]3008;start=1;comm=(agetty)\x1b\\text', 'text'],
  ['a string that nothing ends', 'one\x1b]3008;start=1\ntwo', 'one\ntwo'],
  ['short sequences', '\x1b7\x1b(Btext\x1b8\x1bc', 'text'],
  ['one that was cut', 'text\x1b[0;1', 'text'],
  ['a lone escape', 'text\x1b', 'text'],
])('printable() removes: %s', ([, text, expected]) => {
  expect(printable(text as string)).toBe(expected)
})

test('printable() keeps tabs, newlines and letters of every script', () => {
  const text = 'a\tb\n  č ß 漢字 🙂\n'
  expect(printable(text)).toBe(text)
})

test('printable() removes carriage returns at the ends of lines', () => {
  expect(printable('one\r\ntwo\r\r\nthree\r')).toBe('one\ntwo\nthree')
})

test('printable() removes other control characters', () => {
  expect(printable('\x0010%\r20%\x07\x08\x0b\x7f\x85')).toBe('10% 20%')
})

test('messages and logs of errors have no control characters, nor lines that had only these', () => {
  const error = new ClusterError({
    code: 'SERVICE_FAILED',
    service: 'web',
    message: 'it said \x1b[31mno\x1b[0m',
    log: ['\x1b[2J\x1b[H', '\x1b[7mone\x1b[27m\r', 'two'],
  })
  expect(error.details.log).toEqual(['one', 'two'])
  expect(error.details.message).toBe('it said no')
  expect(error.message).toBe(
    'web: it said no [SERVICE_FAILED]\n  last log lines:\n    one\n    two',
  )
})

test("printable() removes bidirectional controls and Unicode's line separators", () => {
  expect(printable('exe\u202etxt.sh\u202c \u2066a\u2069')).toBe('exetxt.sh a')
  expect(printable('one\u2028two\u2029three')).toBe('one two three')
})
