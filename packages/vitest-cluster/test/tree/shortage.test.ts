import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { command, files } from '../../src/definition/tree-layers.ts'
import { limitedGroup, NO_GROUP } from '../helpers/limited-group.ts'
import { inSituation, ONLY_ROOT, ROOT, skipWhen } from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { busyboxTree } from '../helpers/trees.ts'

/** Builds a tree with more and more of a resource until the build succeeds. Returns the number of failures. */
async function buildWithMore(
  [first, step]: readonly [number, number],
  code: string,
  give: (amount: number) => readonly string[],
): Promise<number> {
  const { tree } = await busyboxTree()
  const layered = JSON.stringify(tree.with(files({ '/etc/x': 'x' }), command(['true'])))
  let failed = 0
  for (let amount = first; amount < first + 200; amount += step) {
    const store = `${await temporaryDirectory()}/c/trees`
    const situation = { through: give(amount), env: { LC_ALL: 'C' } }
    const [program = '', ...argv] = inSituation(situation, './builds-trees.ts', store, layered)
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [said, complaint, [exitCode, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null, string | null]>,
    ])
    // Node had too little to start
    if (said === '' && (signal !== null || (exitCode ?? 0) >= 128)) continue
    expect(exitCode, `${amount}: ${complaint}`).toBe(0)
    const outcome = JSON.parse(said)
    if (outcome.digest) return failed
    expect({ amount, ...outcome }).toMatchObject({ amount, code, left: [] })
    failed++
  }
  return expect.unreachable('none was built')
}

test('the build of a tree with few file descriptors fails with NO_DESCRIPTORS', async () => {
  const give = (most: number) => ['prlimit', `--nofile=${most}`]
  expect(await buildWithMore([24, 4], 'NO_DESCRIPTORS', give)).toBeGreaterThan(0)
})

test('the build of a tree with few processes fails with NO_PROCESSES', async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const group = limitedGroup('pids')
  skipWhen(skip, group === undefined, NO_GROUP)
  const give = (most: number) => {
    group?.limit(most)
    return group?.enter ?? []
  }
  expect(await buildWithMore([12, 3], 'NO_PROCESSES', give)).toBeGreaterThan(0)
})
