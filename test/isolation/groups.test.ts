// @module-tag user
// @module-tag systemd
/** Tests that need accounts with separate uids: unix permissions have an effect. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hgweb, ssh } from '@vitest-cluster/fixtures'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { defineCluster, type IsolationName, openSession } from 'vitest-cluster'
import { temporaryDirectory } from '../../packages/vitest-cluster/test/helpers/temporary.ts'
import { ISOLATIONS, reason } from '../support/isolations.ts'

const services = {
  hgweb: hgweb({ repositories: ['demo'], group: 'scm' }),
  ssh: ssh({ users: [{ name: 'member', groups: ['scm'] }, 'outsider'] }),
}

test('a group is an error if accounts have no separate uids', async () => {
  const cluster = defineCluster({ services, isolation: 'chroot' })
  const error = await openSession(cluster).catch((thrown: Error) => thrown)
  expect(String(error).replace(/\n {2}at: .*groups\.test\.ts:\d+:\d+/, '')).toBe(
    [
      "ClusterError: hgweb: needs accounts with uids of their own, which isolation 'chroot' does not have [NEEDS_ISOLATION]",
      "  fix: Write isolation: 'range' or 'boot' or 'nspawn' (or 'auto') in the cluster's definition.",
    ].join('\n'),
  )
})

for (const isolation of ISOLATIONS.filter((name) => name !== 'chroot')) {
  const missing = await reason(isolation)
  const title = missing ? `${isolation} (this machine cannot: ${missing})` : isolation
  describe.skipIf(missing)(title, () => permissions(isolation))
}

function permissions(isolation: IsolationName): void {
  const cluster = defineCluster({ services, isolation })

  test('members of the group can push, others are denied', async () => {
    const session = await openSession(cluster)
    try {
      const [web, shell] = await Promise.all([session.handle('hgweb'), session.handle('ssh')])
      const cwd = await temporaryDirectory()
      const hg = (...argv: string[]) =>
        execa('hg', argv, { cwd, env: { HGRCPATH: '' }, reject: false })
      const push = (user: string) => {
        const url = shell.urlFor({ user, path: web.path('demo') })
        return hg('push', '--config', `ui.ssh=${shell.command}`, url)
      }
      const page = async () => (await fetch(`${web.urlFor('demo')}/log`)).text()
      await hg('init')
      await writeFile(join(cwd, 'file'), 'text')
      await hg('commit', '--addremove', '--user', 'me', '--message', 'Only for members')

      const denied = await push('outsider')
      expect(denied.exitCode).toBe(255)
      expect(`${denied.stdout}${denied.stderr}`).toMatch(/Permission denied/)
      expect(await page()).not.toContain('Only for members')
      // Everybody can read
      const clone = ['clone', shell.urlFor({ user: 'outsider', path: web.path('demo') }), 'clone']
      expect(await hg(...clone, '--ssh', shell.command)).toMatchObject({ exitCode: 0 })

      expect(await push('member')).toMatchObject({ exitCode: 0 })
      expect(await page()).toContain('Only for members')
    } finally {
      await session.close()
    }
  })

  test('each account has its own uid and files, and cannot read those of others', async () => {
    const session = await openSession(cluster)
    try {
      const [web, shell] = await Promise.all([session.handle('hgweb'), session.handle('ssh')])
      const id = async (user: string) => (await shell.run('id', { user })).stdout
      const [member, outsider] = await Promise.all([id('member'), id('outsider')])
      expect(member).toMatch(/^uid=(\d+)\(member\) gid=\1\(member\) groups=.*\(scm\)/)
      expect(outsider).toMatch(/^uid=(\d+)\(outsider\) gid=\1\(outsider\)/)
      expect(outsider).not.toContain('(scm)')
      expect((await web.exec(['id', '-un'])).stdout).toBe('hg\n')
      expect((await web.exec(['id', '-un'], { user: 'outsider' })).stdout).toBe('outsider\n')
      await expect(web.exec(['id'], { user: 'nobody-here' })).rejects.toThrow(
        "the tree has no account 'nobody-here'",
      )
      // Only its service can read slapd.conf, host keys and the like
      const read = await shell.run(`cat ${shell.name}; cat /srv/ssh/host_key`, { user: 'member' })
      expect(read.stderr).toContain('/srv/ssh/host_key: Permission denied')
      const kill = await shell.run('kill $(pgrep -f "hg serve") 2>&1', { user: 'outsider' })
      expect(kill.stdout).toMatch(/Operation not permitted/)
    } finally {
      await session.close()
    }
  })
}
