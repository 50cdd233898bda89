import { expect, test } from 'vitest'
import {
  binds,
  boolean,
  bytes,
  exec,
  execWithFlags,
  int32,
  milliseconds,
  string,
  strings,
  uint32,
  uint64,
} from '../../src/systemd/properties.ts'

const properties = [
  [string('Slice', 'a.slice'), 's', 'a.slice'],
  [strings('After', ['a']), 'as', ['a']],
  [boolean('AddRef', false), 'b', false],
  [int32('KillSignal', 9), 'i', 9],
  [uint32('UMask', 18), 'u', 18],
  [bytes('StandardInputData', Buffer.from('x')), 'ay', Buffer.from('x')],
  [uint64('MemoryMax', 2 ** 40), 't', 1_099_511_627_776n],
] as const

test('each value has its D-Bus type', () => {
  for (const [property, signature, value] of properties)
    expect(property).toEqual([expect.any(String), { signature, value }])
  expect(string('Slice', 'a.slice')[0]).toBe('Slice')
})

test('times are whole microseconds', () => {
  const value = (time: number) => milliseconds('TimeoutStartUSec', time)[1]
  expect(value(30_000)).toEqual({ signature: 't', value: 30_000_000n })
  expect(value(0)).toEqual({ signature: 't', value: 0n })
  expect(value(0.0015)).toEqual({ signature: 't', value: 2n })
})

test('a program gets its words as they are: systemd puts in no variables', () => {
  const argv = ['/bin/echo', '$HOME', '$$', "$'", '%n']
  const words = ['/bin/echo', '$$HOME', '$$$$', "$$'", '%n']
  expect(exec('ExecStart', argv)).toEqual([
    'ExecStart',
    { signature: 'a(sasb)', value: [['/bin/echo', words, false]] },
  ])
  expect(execWithFlags('ExecStartPostEx', argv, ['no-setuid'])).toEqual([
    'ExecStartPostEx',
    { signature: 'a(sasas)', value: [['/bin/echo', words, ['no-setuid']]] },
  ])
})

test('a path is shown with what is mounted below it, and has to be there', () => {
  expect(binds('BindPaths', [['/a', '/b']])).toEqual([
    'BindPaths',
    { signature: 'a(ssbt)', value: [['/a', '/b', false, 0x4000n]] },
  ])
  expect(binds('BindPaths', [])[1].value).toEqual([])
})
