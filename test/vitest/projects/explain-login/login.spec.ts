import { expect } from 'vitest'
import { createTest } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = createTest(cluster)

test('alice can log in', async ({ ldap, ssh }) => {
  await ldap.addUser({ uid: 'alice' })
  const { exitCode } = await ssh.exec('true', { user: 'alice' })
  expect(exitCode).toBe(0)
})
