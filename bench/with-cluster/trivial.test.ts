import { afterAll, expect } from 'vitest'
import { createTest } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

test('one and one is two', ({ hgweb }) => {
  expect(hgweb.port).toBeGreaterThan(1)
})

afterAll(() => console.log(`last test ended at ${Date.now()}`))
