import { expect, test } from 'vitest'
import { linesOf } from '../../src/observe/test-log.ts'
import { overlapping, parseWindows } from '../../src/observe/test-windows.ts'

const lines = (...entries: object[]) =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
const begin = (key: string, at: number, pid = 1) => ({
  event: 'begin',
  key,
  id: `id-${key}`,
  name: key,
  pid,
  begin: at,
})

test("a test's window has its services and its end; an incomplete line is ignored", () => {
  const text = lines(
    begin('a', 10),
    { event: 'use', key: 'a', service: 'ldap' },
    begin('b', 20),
    { event: 'use', key: 'a', service: 'ssh' },
    { event: 'end', key: 'a', end: 30 },
  )
  expect(parseWindows(`${text}{"event":"be`)).toEqual([
    { key: 'a', id: 'id-a', name: 'a', pid: 1, begin: 10, end: 30, uses: ['ldap', 'ssh'] },
    { key: 'b', id: 'id-b', name: 'b', pid: 1, begin: 20, uses: [] },
  ])
})

test('windows overlap if one begins before the other ends; the window of a dead process has ended', () => {
  const windows = parseWindows(
    lines(
      begin('before', 0),
      { event: 'end', key: 'before', end: 10 },
      begin('own', 10),
      begin('inside', 12),
      { event: 'end', key: 'inside', end: 13 },
      begin('runs', 15, 2),
      begin('dead', 15, 3),
      { event: 'end', key: 'own', end: 20 },
      begin('after', 20),
    ),
  )
  const own = windows.find(({ key }) => key === 'own')
  if (!own) throw expect.unreachable()
  const names = overlapping(windows, own, (pid) => pid !== 3).map(({ name }) => name)
  expect(names).toEqual(['inside', 'runs'])
})

test('terminal control sequences are removed from lines', () => {
  expect(linesOf('\u001b[31mred\u001b[0m\r\n\n\u0007bell\ttab ä\n')).toEqual(['red', 'bell\ttab ä'])
})
