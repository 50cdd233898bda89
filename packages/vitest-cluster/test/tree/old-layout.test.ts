// @module-tag user
// @module-tag systemd
/**
 * Trees of older and of small distributions: /bin, /sbin and /lib are directories, and /etc lacks files that a session
 * needs.
 */
import { execFile } from 'node:child_process'
import { chmod, copyFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { makePath, writeWithMode } from '../../src/disk/modes.ts'
import { defineCluster, type ServiceInput } from '../../src/index.ts'
import { ISOLATIONS } from '../../src/isolation/isolation.ts'
import { openInternal } from '../../src/open/open-session.ts'
import { checkManagerIn } from '../../src/open/programs.ts'
import { directoryTree } from '../../src/tree/define.ts'
import { script } from '../helpers/services.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

/** All programs are in /bin; /etc has a file, an empty directory, a link and a directory. */
async function oldTree(): Promise<string> {
  const path = join(await temporaryDirectory(), 'root')
  for (const name of ['bin', 'usr/bin', 'lib/systemd', 'etc/empty', 'etc/app', 'var/lib'])
    await makePath(join(path, name), 0o755)
  await copyFile('/usr/bin/busybox', join(path, 'bin/busybox'))
  const { stdout } = await promisify(execFile)('/usr/bin/busybox', ['--list'])
  for (const name of stdout.trim().split('\n'))
    await symlink('busybox', join(path, 'bin', name)).catch(() => {})
  await symlink('/bin/busybox', join(path, 'usr/bin/env'))
  await writeWithMode(join(path, 'etc/motd'), 'of the tree\n', 0o644)
  await writeWithMode(join(path, 'etc/app/conf'), 'conf\n', 0o644)
  await symlink('motd', join(path, 'etc/issue'))
  return path
}

async function up(path: string, service: Partial<ServiceInput> = {}) {
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  const services = {
    web: script('cat /etc/hosts >hosts; exec sleep 1000', { programs: ['sleep'], ...service }),
    db: script('exec sleep 1000'),
  }
  return openInternal(defineCluster({ isolation: 'chroot', tree: directoryTree(path), services }))
}

test("a tree without hosts, passwd and nsswitch.conf gets the session's, and keeps its own files", async () => {
  await using session = await up(await oldTree(), { ready: { exec: ['grep', 'web', 'hosts'] } })
  const { exec } = await session.handle('web')
  const sh = async (code: string) => (await exec(['sh', '-c', code], { all: true })).all
  expect(await sh('head -n 2 /srv/web/hosts; id -un; cat /etc/hostname')).toBe(
    '127.0.0.1 localhost web db\n::1 localhost\nsession\nvitest-cluster\n',
  )
  expect(await sh('cat /etc/motd /etc/issue /etc/app/conf; ls -A /etc/empty')).toBe(
    'of the tree\nof the tree\nconf\n',
  )
  expect(await sh('grep -c . /etc/nsswitch.conf /etc/passwd /etc/group | wc -l')).toBe('3\n')
  for (const path of ['/etc/new', '/etc/hosts', '/etc/motd', '/etc/empty/new', '/etc/app/new'])
    expect(await sh(`echo x 2>&1 >${path} || true`)).toContain('Read-only file system')
})

test('programs are found in /bin, by services, exec and shell', async () => {
  await using session = await up(await oldTree())
  const { exec } = await session.handle('web')
  expect(session.plan.roots.main.programs).toEqual({ sleep: '/bin/sleep' })
  expect((await exec(['ls', '/etc/app'])).stdout).toBe('conf\n')
  expect((await exec(['sh', '-c', 'ls /etc/app'])).stdout).toBe('conf\n')
  await expect(exec(['none'])).rejects.toThrow('/sbin, /bin of its tree')
})

test('systemd of a tree may be in /lib', async () => {
  const path = await oldTree()
  const main = { path, built: {}, writable: false }
  const found = { main, own: {}, of: {} } as unknown as Parameters<typeof checkManagerIn>[0]
  const check = () => checkManagerIn(found, ISOLATIONS.range)
  await expect(check()).rejects.toThrow(
    'the tree has no /usr/lib/systemd/systemd [MISSING_PROGRAM]',
  )
  for (const name of ['lib/systemd/systemd', 'usr/bin/systemd-stdio-bridge', 'bin/dbus-daemon']) {
    await writeWithMode(join(path, name), '', 0o755)
    await chmod(join(path, name), 0o755)
  }
  await check()
})
