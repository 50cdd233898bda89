import { expect } from 'vitest'
import { withCluster } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = withCluster(cluster)

test('a login as the role allows it: by a key that the directory has', async ({ ldap, ssh }) => {
  const before = await ssh.login('alice', 'true')
  expect(before.stderr).toContain('Permission denied (publickey)')

  await ldap.addKey('alice', ssh.publicKey)
  const { stdout } = await ssh.login('alice', 'id -un; id -Gn; cat /etc/motd')
  expect(stdout).toBe('alice\nalice people\nWelcome to a throwaway cluster to Debian 13.\n')
})

test('root may not log in, whatever keys there are', async ({ ssh }) => {
  expect((await ssh.login('root', 'true')).exitCode).toBe(255)
})
