/** The same tests for each isolation: what a user sees of a session must not depend on it. */
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { defineCluster, defineService, openSession } from 'vitest-cluster'
import { temporaryDirectory } from '../../packages/vitest-cluster/test/helpers/temporary.ts'
import cluster from '../support/cluster.ts'
import type { Report } from '../support/connects.ts'
import { ISOLATIONS, reason } from '../support/isolations.ts'
import { nothingLeft } from '../support/leftovers.ts'
import { portsOf } from '../support/ports.ts'
import { expectConnections, started } from '../support/sessions.ts'

const AXES = { tags: ['user', 'systemd'] }

for (const isolation of ISOLATIONS) {
  const missing = await reason(isolation)
  const title = missing ? `${isolation} (this machine cannot: ${missing})` : isolation
  describe.skipIf(missing)(title, () => {
    test(
      'a user can log in by a key of LDAP, push over ssh, and see the page on the web',
      AXES,
      async () => {
        const session = await openSession(
          defineCluster({ extends: cluster, isolation, services: {} }),
        )
        try {
          const [ldap, ssh, hgweb] = await Promise.all([
            session.handle('ldap'),
            session.handle('ssh'),
            session.handle('hgweb'),
          ])
          await ldap.addUser({ uid: 'alice', sshPublicKeys: [ssh.publicKey] })
          expect(await ssh.run('cat', { user: 'alice', input: 'here' })).toMatchObject({
            stdout: 'here',
            exitCode: 0,
          })
          const cwd = await temporaryDirectory()
          const hg = (...argv: string[]) => execa('hg', argv, { cwd, env: { HGRCPATH: '' } })
          await hg('init')
          await writeFile(join(cwd, 'file'), isolation)
          await hg('commit', '--addremove', '--user', 'alice', '--message', `By ${isolation}`)
          const url = ssh.urlFor({ user: 'alice', path: hgweb.path('demo') })
          await hg('push', '--config', `ui.ssh=${ssh.command}`, url)
          expect(await (await fetch(`${hgweb.urlFor('demo')}/log`)).text()).toContain(
            `By ${isolation}`,
          )
          await hgweb.restart()
          expect((await fetch(hgweb.urlFor('demo'))).status).toBe(200)
          const { stdout } = await ldap.exec(['cat', '/etc/hosts'])
          expect(stdout).toContain('hgweb')
          expect(await ssh.log.text()).toContain('Accepted publickey for alice')
        } finally {
          await session.close()
        }
      },
    )

    test('a service has its variables and those of its account, and none of the manager', async () => {
      const service = defineService({
        kind: 'script',
        ready: { exec: ['test', '-s', 'environment'] },
        command: () => ['sh', '-c', 'env >environment; exec sleep 100'],
        env: () => ({ OWN: 'x' }),
      })
      const cluster = defineCluster({ isolation, services: { service } })
      const session = await openSession(cluster)
      try {
        const { exec } = await session.handle('service')
        const [own, beside] = await Promise.all([exec(['cat', 'environment']), exec(['env'])])
        const names = ({ stdout }: { stdout: string }) =>
          [...stdout.matchAll(/^(\w+)=/gm)]
            .map(([, name = '']) => name)
            // Variables of systemd for each unit, and of the shell
            .filter((name) => !/^(INVOCATION_ID|MANAGERPID.*|SYSTEMD_.*|MEMORY_.*|PWD)$/.test(name))
            .toSorted()
        const account = isolation === 'chroot' ? [] : ['LOGNAME', 'SHELL', 'USER']
        const expected = ['HOME', 'LANG', 'OWN', 'PATH', ...account].toSorted()
        expect([names(own), names(beside)]).toEqual([expected, expected])
      } finally {
        await session.close()
      }
    })

    test('nothing is left after kill -9 of the run', AXES, async () => {
      const directory = await temporaryDirectory()
      const env = { VITEST_CLUSTER_ISOLATION: isolation, TMPDIR: directory }
      const child = started('holds.ts', env)
      const [{ id }] = (await once(child, 'message')) as [Report]
      const ports = portsOf(child.pid ?? 0)
      expect(ports.numbers).toHaveLength(3)
      child.kill('SIGKILL')
      await once(child, 'close')
      await nothingLeft({ directory, ids: new Set([id]), ports })
    })

    // Eight are tried where all sessions are by default; test/stress has them under load
    const processes = isolation === 'chroot' ? 8 : 4
    test(`${processes} sessions started at the same time all pass`, async () => {
      const env = { VITEST_CLUSTER_ISOLATION: isolation }
      await expectConnections({ processes, sessions: 1, env })
    })
  })
}
