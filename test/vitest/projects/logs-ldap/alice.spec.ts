import { expect } from 'vitest'
import { createTest } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

test('alice is added', async ({ ldap }) => {
  await ldap.addUser({ uid: 'alice' })
  // Both files are at work: neither test ends before the other has added its user
  await ldap.log.waitFor('ADD dn="uid=bob,')
  expect('alice').toBe('somebody else')
})
