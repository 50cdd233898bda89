import { createTest } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

test('people are found', { timeout: 2_000 }, async ({ ldap }) => {
  await ldap.exec(['sh', '-c', 'kill -STOP $(pidof slapd)'])
  const client = await ldap.connect()
  await client.search('dc=example')
})
