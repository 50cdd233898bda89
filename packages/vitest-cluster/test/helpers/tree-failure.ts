import { expect } from 'vitest'
import type { TreeDefinition } from '../../src/definition/tree.ts'
import type { ClusterError } from '../../src/index.ts'
import type { BuildOptions } from '../../src/tree/build/build.ts'
import { checked } from './failure.ts'
import { halfMade } from './half-made.ts'
import type { Cache } from './trees.ts'

/** What making a tree fails with. Sees that it fits a screen, says its step and the mend, and that nothing is left. */
export async function treeFailure(
  cache: Cache,
  tree: TreeDefinition,
  options: BuildOptions = {},
): Promise<ClusterError> {
  const error = await cache.build(tree, options).then(
    () => expect.unreachable('it was made'),
    (error: unknown) => error,
  )
  expect(checked(error).details.step).toBeTruthy()
  expect(await halfMade(cache.store.directory)).toEqual([])
  return checked(error)
}
