import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkExec } from '../../src/definition/check-exec.ts'
import { isClusterError } from '../../src/errors.ts'
import { defineCluster } from '../../src/index.ts'
import * as trees from '../../src/tree.ts'
import { changed, changes, whole, withFunctions } from './definition.ts'
import { text, value } from './hostile.ts'
import { planAll } from './planned.ts'

// A failure prints the seed and the path to the smallest example; to try others: VITEST_CLUSTER_TEST_SEED=$RANDOM
const seed = Number(process.env['VITEST_CLUSTER_TEST_SEED'] ?? 20261128)
const numRuns = Number(process.env['VITEST_CLUSTER_TEST_RUNS'] ?? 1500)

test('the definition that is mutated is valid and has every field', async () => {
  await planAll(withFunctions(whole()))
})

test('a mutated definition is refused with a ClusterError, or can be planned', async () => {
  let refused = 0
  let taken = 0
  await fc.assert(
    fc.asyncProperty(changes, async (all) => {
      try {
        await planAll(withFunctions(changed(all)))
        taken++
      } catch (error) {
        expectHelpful(error)
        refused++
      }
    }),
    { seed, numRuns },
  )
  // Both outcomes have to occur: otherwise one of them would be untested
  expect(refused).toBeGreaterThan(numRuns / 4)
  expect(taken).toBeGreaterThan(numRuns / 20)
})

const CALLS = {
  defineCluster: (one: unknown) => defineCluster(one as never),
  debianTree: (one: unknown) => trees.debianTree(one as never),
  debianOptions: (one: unknown, two: string) =>
    trees.debianTree({ suite: 'sid', [two]: one } as never),
  archiveTree: (one: unknown, two: unknown) => trees.archiveTree(one as never, two as never),
  rpmTree: (one: unknown) => trees.rpmTree(one as never),
  rpmOptions: (one: unknown, two: string) =>
    trees.rpmTree({
      repositories: [{ id: 'a', url: 'file:///a' }],
      packages: ['a'],
      [two]: one,
    } as never),
  rpmRepository: (one: unknown, two: string) =>
    trees.rpmTree({
      repositories: [{ id: 'a', url: 'file:///a', [two]: one }],
      packages: ['a'],
    } as never),
  directoryTree: (one: unknown, two: unknown) => trees.directoryTree(one as never, two as never),
  files: (one: unknown) => trees.files(one as never),
  fileOf: (one: unknown, two: string) =>
    trees.files({ '/x': { content: '', [two]: one } } as never),
  packages: (one: unknown) => trees.packages(one as never),
  command: (one: unknown, two: unknown) => trees.command(one as never, two as never),
  commandOptions: (one: unknown, two: string) => trees.command(['true'], { [two]: one } as never),
  playbook: (one: unknown, two: unknown) => trees.playbook(one as never, two as never),
  playbookOptions: (one: unknown, two: string) => trees.playbook('a.yml', { [two]: one } as never),
  exec: (one: unknown, two: unknown) => checkExec('web', one, two),
  execOptions: (one: unknown, two: string) => checkExec('web', ['true'], { [two]: one }),
} satisfies Record<string, (one: unknown, two: string) => unknown>

const OPTIONS = [
  ...['suite', 'packages', 'components', 'mirror', 'snapshot', 'keyring', 'writable', 'sha256'],
  ...['repositories', 'release', 'id', 'url', 'key', 'content', 'from', 'mode', 'owner', 'inputs'],
  ...[
    'network',
    'env',
    'inventory',
    'extraVars',
    'booted',
    'input',
    'cwd',
    'timeout',
    'user',
    'allowFailure',
  ],
]

test.for(Object.entries(CALLS))(
  '%s refuses any argument with a ClusterError, or accepts it',
  ([name, call]) => {
    const key = fc.oneof(fc.constantFrom(...OPTIONS), text)
    fc.assert(
      fc.property(value, /Option|Repository|fileOf/.test(name) ? key : value, (one, two) => {
        try {
          call(withFunctions(one), withFunctions(two) as string)
        } catch (error) {
          expectHelpful(error)
        }
      }),
      { seed, numRuns: numRuns / 5 },
    )
  },
)

function expectHelpful(error: unknown): void {
  if (!isClusterError(error)) throw error
  const { code, message, fix = '' } = error.details
  expect({ code, says: message !== '', fixes: fix !== '' }).toEqual({
    code,
    says: true,
    fixes: true,
  })
  expect(error.message.length).toBeLessThan(5000)
}
