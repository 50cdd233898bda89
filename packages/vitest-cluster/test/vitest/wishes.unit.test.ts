import { expect, test } from 'vitest'
import { WISHES } from '../../src/vitest/provided.ts'
import { wishesOf } from '../../src/vitest/wishes.ts'

test.for([
  [{}, undefined, false],
  [{}, '1', true],
  [{ env: true }, undefined, true],
  [{ env: true }, '', true],
  [{ env: true }, '0', false],
] as const)('with %j and VITEST_CLUSTER_ENV=%s variables are set: %s', ([wishes, asked, set]) => {
  const project = { getProvidedContext: () => ({ [WISHES]: wishes }) }
  expect(wishesOf(project as never, { VITEST_CLUSTER_ENV: asked }).env).toBe(set)
})
