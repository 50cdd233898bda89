import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import tmp from 'tmp-promise'
import { expect } from 'vitest'
import { withCluster } from 'vitest-cluster/test'
import cluster from './cluster.config.ts'

const test = withCluster(cluster)

test('only members of the group scm can push', async ({ hgweb, ssh }) => {
  const { path: cwd, cleanup } = await tmp.dir({ unsafeCleanup: true })
  const hg = (...argv: string[]) =>
    execa('hg', ['--config', `ui.ssh=${ssh.command}`, ...argv], { cwd, reject: false })
  const push = (user: string) => hg('push', ssh.urlFor({ user, path: hgweb.path('demo') }))
  await hg('init')
  await writeFile(join(cwd, 'hello.txt'), 'hello\n')
  await hg('commit', '--addremove', '--user', 'alice', '--message', 'Say hello')

  const denied = await push('bob')
  expect(denied.exitCode).toBe(255)
  expect(`${denied.stdout}${denied.stderr}`).toContain('Permission denied')

  expect(await push('alice')).toMatchObject({ exitCode: 0 })
  const page = await fetch(`${hgweb.urlFor('demo')}/log`)
  expect(await page.text()).toContain('Say hello')
  await cleanup()
})
