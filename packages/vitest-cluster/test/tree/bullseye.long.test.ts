/** A Debian 11: systemd 247 in /lib, dbus-daemon 1.12, /bin is a directory, no /etc/hosts. */
import { expect, test, vi } from 'vitest'
import { ISOLATIONS, reason } from '../../../../test/support/isolations.ts'
import { defineCluster } from '../../src/index.ts'
import { openInternal } from '../../src/open/open-session.ts'
import { debianTree } from '../../src/tree/define.ts'
import { reachedHost } from '../helpers/debian.ts'
import { memcached } from '../helpers/services.ts'
import { skipWhen } from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

test('services run in a Debian 11 under each isolation', { timeout: 600_000 }, async ({ skip }) => {
  skipWhen(skip, (await reachedHost()) === undefined, 'a Debian mirror cannot be reached')
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  const tree = debianTree({ suite: 'bullseye', packages: ['systemd', 'dbus', 'memcached'] })
  for (const isolation of ISOLATIONS) {
    if (await reason(isolation)) continue
    for (const each of [tree, tree.writableInMemory()]) {
      const services = { cache: memcached() }
      await using session = await openInternal(defineCluster({ isolation, tree: each, services }))
      const { exec, stop, start } = await session.handle('cache')
      await stop()
      await start()
      expect((await exec(['systemctl', '--version'])).stdout).toContain('systemd 247')
      expect((await exec(['getent', 'hosts', 'cache'])).stdout).toMatch(/^127\.0\.0\.1 .*cache/)
      expect((await exec(['id', '-un'])).stdout).toBe('session\n')
    }
  }
})
