import { expect } from 'vitest'
import { createTest } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

test('alone', async ({ shared }) => {
  await shared.hears('B alone')
})

test('meets the other file', async ({ shared, onlyB }) => {
  await onlyB.hears('only B')
  await shared.hears('B was here')
  await shared.log.waitFor('A was here')
  expect('B').toBe('done')
})
