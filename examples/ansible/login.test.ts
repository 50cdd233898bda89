import { expect } from 'vitest'
import { withCluster } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = withCluster(cluster)

test('a user can log in by a key in the directory, as the role configures it', async ({
  ldap,
  ssh,
}) => {
  const before = await ssh.login('alice', 'true')
  expect(before.stderr).toContain('Permission denied (publickey)')

  await ldap.addKey('alice', ssh.publicKey)
  const { stdout } = await ssh.login('alice', 'id -un; id -Gn; cat /etc/motd')
  expect(stdout).toBe('alice\nalice people\nWelcome to a throwaway cluster to Debian 13.\n')
})

test('root cannot log in with any key', async ({ ssh }) => {
  expect((await ssh.login('root', 'true')).exitCode).toBe(255)
})
