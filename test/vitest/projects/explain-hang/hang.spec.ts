import { createTest } from 'vitest-cluster/test'
import { signal } from '../signal.ts'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

test('people are found', { timeout: 2_000 }, async ({ ldap }) => {
  signal(ldap, 'SIGSTOP')
  const client = await ldap.connect()
  await client.search('dc=example')
})
