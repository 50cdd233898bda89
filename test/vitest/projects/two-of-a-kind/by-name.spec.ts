import { expect } from 'vitest'
import { createTest } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

test('each is there by its name', async ({ hgweb0, hgweb1 }) => {
  expect((await fetch(hgweb0.repositoryUrl('a'))).status).toBe(200)
  expect((await fetch(hgweb1.repositoryUrl('b'))).status).toBe(200)
})
