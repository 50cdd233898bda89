import { expect, test } from 'vitest'
import { reportError } from '../../src/vitest/report-errors.ts'

test("a reported error has its diff, its causes, and the user's stack frames", () => {
  const stack = `Error: outer
    at step (/home/me/project/src/step.ts:3:5)
    at file:///home/me/project/push.test.ts:12:14
    at file:///home/me/project/node_modules/vitest/dist/run.js:1:1
    at node:internal/process/task_queues:95:5`
  // Vitest prints a cause under this name
  const cause = { name: 'Caused by: TypeError', message: 'inner' }
  const error = { name: 'Error', message: 'outer', stack, cause, diff: '\u001b[32m- 1\u001b[39m' }
  expect(reportError(error, '/home/me/project')).toMatchObject({
    text: 'Error: outer\nCaused by: TypeError: inner\n\n- 1',
    frames: ['src/step.ts:3:5', 'push.test.ts:12:14'],
  })
})

test('the last log lines of a ClusterError are separate from its message', () => {
  const details = { code: 'SERVICE_FAILED', service: 'db', message: 'is down', log: ['bye'] }
  expect(reportError({ name: 'ClusterError', message: 'x', details }, '/')).toEqual({
    ...{ text: 'ClusterError: db: is down [SERVICE_FAILED]', frames: [] },
    ...{ service: 'db', lastLines: ['bye'] },
  })
  // Another class may have a property of that name
  const other = { name: 'HttpError', message: 'x', details }
  expect(reportError(other, '/')).toMatchObject({ text: 'HttpError: x', lastLines: undefined })
})

test.each([undefined, null, 'a text', 5])(
  'a thrown value that is not an Error is reported: %s',
  (thrown) => {
    expect(reportError(thrown, '/')).toEqual({ text: String(thrown), frames: [] })
  },
)
