import { expect, onTestFinished, test } from 'vitest'
import { openDebianCache, reachedHost } from '../helpers/debian.ts'
import { LowerTree, project, tasks } from '../helpers/playbook.ts'
import { skipWhen } from '../helpers/situation.ts'

test('a package of Debian is installed, with the packages that Ansible needs for it', async ({
  skip,
}) => {
  const reached = await reachedHost()
  const cache = await openDebianCache()
  skipWhen(skip, !reached || !cache, "Debian's mirror cannot be reached")
  if (!cache) return
  onTestFinished(cache.close)
  const files = tasks(`
- command: dpkg --purge python3-apt
- apt: { name: openssh-server, update_cache: true, install_recommends: false }
`)
  const options = { network: true }
  const { shell } = await new LowerTree(cache).apply(await project(files), 'site.yml', options)
  const script =
    'sshd() { /usr/sbin/sshd -V 2>&1 | cut -c1-7; }; sshd; ls /usr/sbin/policy-rc.d /var/lib/apt/lists 2>/dev/null || true'
  expect(await shell(script)).toBe('OpenSSH\n/var/lib/apt/lists:')
})
