import { expect } from 'vitest'
import { withCluster } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = withCluster(cluster)

test('a key that was set can be read', async ({ redis }) => {
  await redis.cli('SET', 'colour', 'blue')
  expect(await redis.cli('GET', 'colour')).toBe('blue')
})

test('a restart loses keys that were not saved', async ({ redis }) => {
  await redis.cli('SET', 'colour', 'blue')
  await redis.restart()
  expect(await redis.cli('GET', 'colour')).toBe('')
  expect(await redis.log.text()).toContain('Ready to accept connections')
})
