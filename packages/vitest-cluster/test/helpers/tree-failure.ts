import { expect } from 'vitest'
import type { TreeDefinition } from '../../src/definition/tree.ts'
import type { ClusterError } from '../../src/index.ts'
import type { BuildOptions } from '../../src/tree/make/build.ts'
import { checked } from './failure.ts'
import { halfMade } from './half-made.ts'
import type { Cache } from './trees.ts'

/** The error of building a tree. Checks that it fits a screen and has its step and a fix, and that nothing is left. */
export async function treeFailure(
  cache: Cache,
  tree: TreeDefinition,
  options: BuildOptions = {},
): Promise<ClusterError> {
  const [error] = await treeFailures(cache, [tree], options)
  return error as ClusterError
}

/** Like {@link treeFailure}, for several at the same time: apt waits before it retries. */
export async function treeFailures(
  cache: Cache,
  trees: readonly TreeDefinition[],
  options: BuildOptions = {},
): Promise<ClusterError[]> {
  const errors = await Promise.all(
    trees.map((tree) =>
      cache.build(tree, options).then(
        () => expect.unreachable('it was made'),
        (error: unknown) => checked(error),
      ),
    ),
  )
  for (const { details } of errors) expect(details.step).toBeTruthy()
  expect(await halfMade(cache.store.directory)).toEqual([])
  return errors
}
