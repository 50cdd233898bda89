import { expect } from 'vitest'
import { withCluster } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = withCluster(cluster)

test('a push over ssh by a user who exists only in LDAP is shown on the web', async ({
  ldap,
  ssh,
  hgweb,
  laptop,
}) => {
  await ldap.addSshKey('alice@example.com', laptop.publicKey)

  await laptop.hg('init', 'demo')
  await laptop.write('demo/hello.txt', 'hello\n')
  await laptop.hg('--cwd', 'demo', 'commit', '--addremove', '--message', 'Say hello')
  const url = ssh.urlFor({ user: 'alice@example.com', path: hgweb.path('demo') })
  await laptop.hg('--cwd', 'demo', 'push', url)

  const page = await fetch(`${hgweb.urlFor('demo')}/log`)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('Say hello')
})

test('a user without a key in LDAP is denied', async ({ ssh }) => {
  const { exitCode, stderr } = await ssh.run('true', { user: 'mallory@example.com' })
  expect(exitCode).toBe(255)
  expect(stderr).toContain('Permission denied (publickey)')
})

test("the services are the tree's, not the host's", async ({ hgweb }) => {
  expect((await hgweb.exec(['cat', '/etc/debian_version'])).stdout).toMatch(/^13/)
  expect((await hgweb.exec(['cat', '/etc/motd'])).stdout).toContain('throwaway')
})
