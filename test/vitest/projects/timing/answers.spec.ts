import { expect } from 'vitest'
import { createTest } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

test('the service answers', async ({ cache }) => {
  expect(await cache.ask('version')).toMatch(/^VERSION /)
})
