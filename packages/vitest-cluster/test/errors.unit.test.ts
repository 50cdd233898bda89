import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { ClusterError, errnoOf, isClusterError, messageOf, saysWhy } from '../src/errors.ts'

test('a ClusterError with all details is printed in full', () => {
  const { message } = new ClusterError({
    code: 'NOT_READY',
    message: 'it was not ready',
    service: 'web',
    step: 'never shown beside a service',
    unit: 'vitest-cluster-0123abcd-web.service',
    paths: ['/etc/a is missing', '/etc/b is a directory'],
    at: { file: '/project/cluster.config.ts', line: 3, column: 5 },
    fix: 'First this.\nThen that.\nAnd that.',
    log: ['one', '  two'],
    logs: '/tmp/logs',
  })
  expect(message).toBe(`web: it was not ready [NOT_READY]
  at: /project/cluster.config.ts:3:5
  /etc/a is missing
  /etc/b is a directory
  unit: vitest-cluster-0123abcd-web.service
  last log lines:
    one
      two
  all logs: /tmp/logs
  fix: First this.
       Then that.
       And that.`)
})

test('a ClusterError without details is one line', () => {
  const about = (rest: object) =>
    new ClusterError({ code: 'NO_PORT', message: 'none', ...rest }).message
  expect(about({})).toBe('none [NO_PORT]')
  expect(about({ step: 'debian trixie' })).toBe('debian trixie: none [NO_PORT]')
  expect(about({ log: [], paths: [], fix: '', unit: '', logs: '' })).toBe('none [NO_PORT]')
})

test('the details of a ClusterError can be cloned for a worker, and are printed only once', () => {
  const cause = new Error('the first')
  const error = new ClusterError({ code: 'NO_PORT', message: 'none', fix: 'Do.' }, { cause })
  expect(error).toMatchObject({ code: 'NO_PORT', name: 'ClusterError', cause })
  expect(structuredClone(error.details)).toEqual({ code: 'NO_PORT', message: 'none', fix: 'Do.' })
  expect(Object.keys(error)).toEqual([])
  expect(inspect(error)).not.toContain('details')
})

test('isClusterError() accepts an error of another copy of this package', () => {
  const other = Object.assign(new Error('x'), { name: 'ClusterError', details: {} })
  expect([new ClusterError({ code: 'NO_PORT', message: 'x' }), other].map(isClusterError)).toEqual([
    true,
    true,
  ])
  const strangers = [
    new Error('x'),
    Object.assign(new Error('x'), { details: {} }),
    { ...other },
    'x',
    null,
  ]
  expect(strangers.map(isClusterError)).toEqual(strangers.map(() => false))
  expect(isClusterError(Object.assign(new Error('x'), { name: 'ClusterError' }))).toBe(false)
})

test('messageOf() and errnoOf() accept any thrown value', () => {
  expect([new Error('text'), 'word', undefined, 7].map(messageOf)).toEqual([
    'text',
    'word',
    'undefined',
    '7',
  ])
  const system = Object.assign(new Error('x'), { code: 'ENOENT' })
  expect([system, new Error('x'), { code: 'ENOENT' }, undefined].map(errnoOf)).toEqual([
    'ENOENT',
    undefined,
    undefined,
    undefined,
  ])
})

test('control characters, line breaks and long lines are removed from all parts of an error', () => {
  const hostile = 'a\x1b[31mb\x00\x07\u202ec\x9b2J\x1b]0;title\x07'
  const twoLines = `${hostile}\n  fix: rm -r /`
  const { details, message } = new ClusterError({
    code: 'SERVICE_FAILED',
    message: twoLines,
    service: twoLines,
    unit: twoLines,
    paths: [twoLines],
    at: { file: twoLines, line: 1, column: 2 },
    fix: `${hostile}\nand ${hostile}`,
    log: [twoLines, '\x1b[2J'],
    logs: twoLines,
  })
  const oneLine = 'abc   fix: rm -r /'
  expect(details).toMatchObject({
    message: 'abc\n  fix: rm -r /',
    service: 'abc\n  fix: rm -r /',
    ...{ unit: oneLine, logs: oneLine },
    ...{ paths: [oneLine], log: [oneLine] },
    at: { file: oneLine },
    fix: 'abc\nand abc',
  })
  expect(message.match(/^ {2}fix: .*$/gm)).toEqual(['  fix: abc'])
  expect(message).toMatch(/^abc {3}fix: rm -r \/: abc\n {6}fix: rm -r \/ \[SERVICE_FAILED\]$/m)
  const { step } = new ClusterError({ code: 'TREE_FAILED', message: '', step: twoLines }).details
  expect(step).toBe(oneLine)
})

test('a message has 20 lines at most, and no line of an error more than 1,000 characters', () => {
  const long = 'x'.repeat(5000)
  const { message } = new ClusterError({
    code: 'SERVICE_FAILED',
    message: `${long}\n`.repeat(100),
    ...{ service: long, unit: long, fix: long, logs: long },
    ...{ paths: [long], log: [long] },
  })
  const lines = message.split('\n')
  expect(lines).toHaveLength(20 + 6)
  for (const line of lines) expect(line.length).toBeLessThan(2100)
})

test('an error without last lines does not refer to them', () => {
  expect([['one'], [], [' ']].map(saysWhy)).toEqual([
    'See its last lines',
    'It wrote nothing',
    'It wrote nothing',
  ])
})
