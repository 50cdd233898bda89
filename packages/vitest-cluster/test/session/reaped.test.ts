/** In a container the first process can be any program, such as node, which reaps no orphans. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ISOLATIONS, reason } from '../../../../test/support/isolations.ts'
import type { Precondition } from '../../src/index.ts'
import { started } from '../helpers/child.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import { ONLY_ROOT, ROOT, skipWhen } from '../helpers/situation.ts'

const NAMESPACE = ['--pid', '--fork', '--kill-child', '--mount-proc']

/** Runs a module of test/helpers as a child of such a first process. */
async function belowNode<T>(...argv: string[]): Promise<{ said: T; left: string[] }> {
  const first = helper('first-process.ts')
  const { said, ended } = await started('unshare', ...NAMESPACE, process.execPath, first, ...argv)
  await ended
  return JSON.parse(said)
}

test.for(ISOLATIONS)('a session leaves no zombie: %s', async (isolation, { skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const missing = await reason(isolation)
  skipWhen(skip, missing !== undefined, missing ?? '')
  await ownTemporary()
  const { said, left } = await belowNode<{ code?: string }>('./opens-as.ts', '', isolation)
  expect(said).toEqual({ message: '', left: [] })
  expect(left).toEqual([])
})

test('doctor() reports whether the first process reaps orphans', async ({ skip }) => {
  const reaper = (list: Precondition[]) => list.find(({ id }) => id === 'reaper')
  skipWhen(skip, !ROOT, ONLY_ROOT)
  // A shell that waits for its child also reaps orphans
  const shell = ['sh', '-c', '"$0" "$1"; exit', process.execPath, helper('says-doctor.ts')]
  const { said } = await started('unshare', ...NAMESPACE, ...shell)
  expect(reaper(JSON.parse(said))).toMatchObject({ status: 'ok', found: 'reaped' })
  expect(reaper((await belowNode<Precondition[]>('./says-doctor.ts')).said)).toMatchObject({
    status: 'warning',
    found: expect.stringMatching(
      /^process 1 \(.*\) does not reap orphaned processes, which stay as zombies$/,
    ),
  })
})

function helper(name: string): string {
  return fileURLToPath(new URL(`../helpers/${name}`, import.meta.url))
}
