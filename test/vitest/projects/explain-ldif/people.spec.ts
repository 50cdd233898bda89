import { expect } from 'vitest'
import { createTest } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

test('there are people', ({ ldap }) => {
  expect(ldap.url).toMatch(/^ldap:/)
})
