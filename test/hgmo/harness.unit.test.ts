/** How examples/hgmo reads the output of Mercurial's harness. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { differing, harnessOutcome, pythonOutcome } from '../../examples/hgmo/client/harness.ts'
import { casesOf, testFiles } from '../../examples/hgmo/client/tests.ts'
import { scratchDirectory } from '../../packages/vitest-cluster/test/helpers/temporary.ts'

const running = 'running 1 tests using 1 parallel processes \n'

test('a file that passed', () => {
  const output = `${running}.\n# Ran 1 tests, 0 skipped, 0 failed.\n`
  expect(harnessOutcome(output, 0)).toEqual({ result: 'passed', reason: '', diff: '' })
})

test('a file with other output: the diff and the reason, without what the harness prints around them', () => {
  const output = `${running}
--- /app/vct/hgserver/tests/test-a.t
+++ /app/vct/hgserver/tests/test-a.t.err
@@ -1,3 +1,4 @@
 #require hgmodocker
 
-  old
+  new
+  --- not a header

ERROR: test-a.t output changed
!
Failed test-a.t: output changed and returned error code 1
# Ran 1 tests, 0 skipped, 1 failed.
python hash seed: 1
`
  const outcome = harnessOutcome(output, 1)
  expect(outcome).toMatchObject({
    result: 'failed',
    reason: 'output changed and returned error code 1',
  })
  expect(outcome.diff).toMatch(/^--- \/app[\s\S]* {2}--- not a header$/)
  expect(differing(outcome.diff)).toEqual(['-  old', '+  new', '+  --- not a header'])
})

test('a file that was skipped cannot run', () => {
  const output = `${running}s\nSkipped test-a.t: missing feature: vcsreplicator Python modules\n# Ran 0 tests, 1 skipped, 0 failed.\n`
  expect(harnessOutcome(output, 0)).toEqual({
    result: 'cannot run',
    reason: 'missing feature: vcsreplicator Python modules',
    diff: '',
  })
})

test('a time-out, an exception in the harness, and a harness that did not begin', () => {
  const timeout = `${running}t\nFailed test-a.t: timed out\n# Ran 1 tests, 0 skipped, 1 failed.\n`
  expect(harnessOutcome(timeout, 1)).toMatchObject({ result: 'failed', reason: 'timed out' })
  const error = `${running}E\nErrored test-a.t: Traceback\n# Ran 1 tests, 0 skipped, 0 failed.\n`
  expect(harnessOutcome(error, 1)).toMatchObject({ result: 'failed', reason: 'Traceback' })
  expect(harnessOutcome('python: no such file\n', 2)).toMatchObject({
    result: 'failed',
    reason: 'the harness ended with 2: python: no such file',
  })
  expect(harnessOutcome('# Ran 0 tests, 0 skipped, 0 failed.\n', 0)).toMatchObject({
    result: 'cannot run',
  })
})

test('a Python test', () => {
  expect(pythonOutcome('..\nOK\n', 0).result).toBe('passed')
  expect(pythonOutcome('FAILED\n', 1)).toMatchObject({ result: 'failed', diff: 'FAILED' })
})

test('the cases of a file run on their own', () => {
  expect(casesOf('#require hgmodocker\n\n  $ hgmo create-repo a\n')).toEqual([''])
  expect(casesOf('#require x\n#testcases legacy  bundle2\n')).toEqual(['#legacy', '#bundle2'])
  const two = '#testcases a b\n#testcases c d\n'
  expect(casesOf(two)).toEqual(['#a#c', '#a#d', '#b#c', '#b#d'])
})

test('a word names a file with all of its cases, or one case', async () => {
  const checkout = await scratchDirectory()
  const below = join(checkout, 'hgserver/tests')
  await mkdir(below, { recursive: true })
  await mkdir(join(checkout, 'testing'))
  await writeFile(join(checkout, 'testing/flaky-tests.txt'), 'test-b.t\n')
  await writeFile(join(below, 'test-a.t'), '#testcases one two\n  $ hgmo create-repo a\n')
  await writeFile(join(below, 'test-b.t'), '  $ true\n')
  const named = (...words: string[]) => testFiles(checkout, words).map(({ path }) => path)
  const a = 'hgserver/tests/test-a.t'
  expect(named('hgserver/tests')).toEqual([`${a}#one`, `${a}#two`, 'hgserver/tests/test-b.t'])
  expect(named('test-a.t#two', 'test-a.t')).toEqual([`${a}#two`, `${a}#one`])
  expect(() => named('test-a.t#three')).toThrow('test-a.t has no case #three')
  expect(() => named('test-b.t#one')).toThrow('test-b.t has no case #one')
  expect(() => named('test-c.t')).toThrow('test-c.t is neither a test file nor a directory')
  expect(testFiles(checkout, ['test-b.t'])).toEqual([
    { path: 'hgserver/tests/test-b.t', kind: 't', cluster: false, flaky: true },
  ])
})
