import { afterAll, expect } from 'vitest'
import { withCluster } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = withCluster(cluster)

test('one and one is two', ({ hgweb }) => {
  expect(hgweb.port).toBeGreaterThan(1)
})

afterAll(() => console.log(`last test ended at ${Date.now()}`))
