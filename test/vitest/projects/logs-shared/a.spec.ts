import { expect } from 'vitest'
import { createTest } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

test('alone', async ({ shared }) => {
  await shared.hears('A alone')
})

test('meets the other file', async ({ shared, onlyA }) => {
  await onlyA.hears('only A')
  await shared.hears('A was here')
  await shared.log.waitFor('B was here')
  expect('A').toBe('done')
})
