import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import tmp from 'tmp-promise'
import { expect } from 'vitest'
import { withCluster } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = withCluster(cluster)

test('a push over ssh by a user who exists only in LDAP is shown on the web', async ({
  ldap,
  ssh,
  hgweb,
}) => {
  await ldap.addSshKey('alice@example.com', ssh.publicKey)

  await using clone = await checkout()
  const hg = (...argv: string[]) =>
    execa('hg', ['--config', `ui.ssh=${ssh.command}`, ...argv], { cwd: clone.path })
  await hg('init')
  await writeFile(join(clone.path, 'hello.txt'), 'hello\n')
  await hg('commit', '--addremove', '--user', 'alice@example.com', '--message', 'Say hello')
  await hg('push', ssh.urlFor({ user: 'alice@example.com', path: hgweb.path('demo') }))

  const page = await fetch(`${hgweb.urlFor('demo')}/log`)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('Say hello')
})

test('a user without a key in LDAP is denied', async ({ ssh }) => {
  const { exitCode, stderr } = await ssh.run('true', { user: 'mallory@example.com' })
  expect(exitCode).toBe(255)
  expect(stderr).toContain('Permission denied (publickey)')
})

/** An empty directory that is removed when the test ends. */
async function checkout() {
  const { path, cleanup } = await tmp.dir({ unsafeCleanup: true })
  return { path, [Symbol.asyncDispose]: cleanup }
}
