import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import tmp from 'tmp-promise'
import { expect } from 'vitest'
import { withCluster } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = withCluster(cluster)
const alice = 'alice@example.com'

test.beforeAll(async ({ hgssh0, mirror, ldap }) => {
  await ldap.addSshKey(alice, hgssh0.sshd.publicKey)
  await hgssh0.exec(['hg', 'init', '/repo/demo'])
  // Each push to this host is pushed on to the mirror, whose name programs of the cluster can resolve
  const hook = `hg push http://mirror:${mirror.web.port}/demo`
  const input = `[hooks]\nchangegroup.mirror = ${hook}\n`
  await hgssh0.exec(['tee', '/etc/mercurial/hgrc'], { input })
})

test('a push to one host is replicated to the mirror, and the other host has no part in it', async ({
  hgssh0: { sshd },
  hgssh1,
  mirror: { web },
}) => {
  await using clone = await checkout()
  const hg = clone.with(`ui.ssh=${sshd.command}`)
  await hg('pull', sshd.urlFor({ user: alice, path: '/repo/demo' }))
  await writeFile(join(clone.path, 'hello.txt'), 'hello\n')
  await hg('commit', '--addremove', '--user', alice, '--message', 'Say hello')
  await hg('push', sshd.urlFor({ user: alice, path: '/repo/demo' }))

  expect(await (await fetch(`${web.urlFor('demo')}/log`)).text()).toContain('Say hello')
  expect((await hgssh1.exec(['ls', '/repo'])).stdout).toBe('')
  // The same port on another address
  expect(hgssh1.sshd.port).toBe(sshd.port)
  expect(hgssh1.sshd.host).not.toBe(sshd.host)
})

test('a mirror that was down catches up with the next push', async ({
  hgssh0: { sshd },
  mirror,
}) => {
  const page = `${mirror.web.urlFor('demo')}/log`
  await using clone = await checkout()
  const hg = clone.with(`ui.ssh=${sshd.command}`)
  const url = sshd.urlFor({ user: alice, path: '/repo/demo' })
  const push = async (message: string) => {
    await writeFile(join(clone.path, message), message)
    await hg('commit', '--addremove', '--user', alice, '--message', message)
    return hg('push', url)
  }
  await hg('pull', '--update', url)

  await mirror.stop()
  const { stderr, stdout } = await push('While it is down')
  expect(`${stdout}${stderr}`).toMatch(/Connection refused/)
  await mirror.start()
  expect(await (await fetch(page)).text()).not.toContain('While it is down')

  await push('After it is back')
  const text = await (await fetch(page)).text()
  expect(text).toContain('While it is down')
  expect(text).toContain('After it is back')
})

/** A new repository, which is removed when the test ends. */
async function checkout() {
  const { path, cleanup } = await tmp.dir({ unsafeCleanup: true })
  await execa('hg', ['init'], { cwd: path })
  return {
    path,
    with:
      (config: string) =>
      (...argv: string[]) =>
        execa('hg', ['--config', config, ...argv], { cwd: path, reject: false }),
    [Symbol.asyncDispose]: cleanup,
  }
}
