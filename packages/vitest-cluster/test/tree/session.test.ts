// @module-tag user
import { lstatSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test, vi } from 'vitest'
import { reason } from '../../../../test/support/isolations.ts'
import { files } from '../../src/definition/tree-layers.ts'
import { type ClusterInput, defineCluster, type Services } from '../../src/index.ts'
import { openInternal } from '../../src/open/open-session.ts'
import { checked } from '../helpers/failure.ts'
import { script } from '../helpers/services.ts'
import { skipWhen } from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { busyboxTree } from '../helpers/trees.ts'

/** Opens a session in chroot, since the small tree has no systemd, with a separate cache. */
async function up<S extends Services>(input: ClusterInput<S>) {
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  return openInternal(defineCluster<S>({ isolation: 'chroot', ...input }))
}

const forever = (options = {}) => script('exec sleep 1000000', options)

test('services run in the tree, which is read-only except for a few directories', {
  tags: ['systemd'],
}, async () => {
  const { tree } = await busyboxTree()
  const layered = tree.with(
    files({ '/etc/motd': 'layer\n', '/srv/www/index': 'www\n', '/opt/tool': 'tool\n' }),
  )
  await using session = await up({ tree: layered, services: { one: forever() } })
  const { stdout } = await execa('du', [
    '--summarize',
    '--block-size=1',
    session.plan.paths.directory,
  ])
  expect(Number(stdout.split('\t')[0])).toBeLessThan(1_048_576)
  const { exec } = await session.handle('one')
  const sh = (text: string) => exec(['/bin/sh', '-c', text], { allowFailure: true })
  expect(await sh('cat /etc/motd /srv/www/index /opt/tool')).toMatchObject({
    stdout: 'layer\nwww\ntool\n',
  })
  // No file of the host
  expect((await sh('ls /usr/lib')).exitCode).not.toBe(0)
  expect((await sh('ls /usr/bin | grep -c "^busybox$"')).stdout).toBe('1\n')
  for (const path of [
    '/etc/new',
    '/usr/new',
    '/usr/bin/new',
    '/var/lib/new',
    '/srv/www/new',
    '/opt/tool',
  ]) {
    expect(await sh(`echo x >${path}`)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Read-only file system'),
    })
  }
  for (const path of [
    '/srv/one/new',
    '/tmp/new',
    '/var/tmp/new',
    '/var/log/new',
    '/var/cache/new',
    '/run/new',
    '/home/new',
  ])
    expect(await sh(`echo x >${path}`)).toMatchObject({ exitCode: 0 })
  // The mounts of the root cannot be removed
  for (const path of ['/srv/one', '/srv', '/tmp', '/var/tmp', '/var', '/home'])
    expect(await sh(`rmdir ${path}`)).toMatchObject({ exitCode: 1 })
  expect(await sh('mv /home /home2')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('busy'),
  })
  // Accounts of the tree and of the session are in one file
  expect((await sh('id -un daemon; id -un session')).stdout).toBe('daemon\nsession\n')
})

test('with writable: true services can write everywhere, to memory of the session', async () => {
  const { tree, path } = await busyboxTree()
  const cluster = { tree: tree.writableInMemory(), services: { one: forever(), two: forever() } }
  {
    await using session = await up(cluster)
    const [one, two] = await Promise.all([session.handle('one'), session.handle('two')])
    await one.exec([
      '/bin/sh',
      '-c',
      'echo new >/etc/new && echo x >/usr/share/data/1 && rm /usr/share/data/2',
    ])
    // As on one machine, a service sees what another one writes
    const seen = await two.exec(
      ['/bin/sh', '-c', 'cat /etc/new /usr/share/data/1; ls /usr/share/data/2'],
      {
        allowFailure: true,
      },
    )
    expect(seen).toMatchObject({ stdout: 'new\nx\n', exitCode: 1 })
  }
  expect(await readFile(join(path, 'usr/share/data/1'), 'utf8')).toBe('1\n')
  expect(lstatSync(join(path, 'etc/new'), { throwIfNoEntry: false })).toBeUndefined()
  await using again = await up(cluster)
  const { exec } = await again.handle('one')
  expect((await exec(['/bin/cat', '/usr/share/data/2'])).stdout).toBe('2\n')
})

test('a service may have its own layers on the shared tree', async () => {
  const { tree } = await busyboxTree()
  const base = tree.with(files({ '/etc/motd': 'shared\n' }))
  const own = base.with(
    files({
      '/etc/motd': 'own\n',
      '/usr/bin/only-here': { content: '#!/bin/sh\necho here\n', mode: 0o755 },
    }),
  )
  const one = script('only-here >/srv/one/said; exec sleep 1000000', {
    tree: own,
    programs: ['only-here'],
    files: () => ({ config: { content: 'of one\n', mode: 0o644 } }),
  })
  await using session = await up({ tree: base, services: { one, two: forever() } })
  const [first, second] = await Promise.all([session.handle('one'), session.handle('two')])
  const motd = async (handle: typeof first) => (await handle.exec(['/bin/cat', '/etc/motd'])).stdout
  expect([await motd(first), await motd(second)]).toEqual(['own\n', 'shared\n'])
  expect((await first.exec(['only-here'])).stdout).toBe('here\n')
  // /srv is shared
  expect((await second.exec(['/bin/cat', '/srv/one/config'])).stdout).toBe('of one\n')
})

test('a tree in use by a session is not changed into its next version, and is not in use afterwards', async () => {
  const { tree } = await busyboxTree()
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  const uses = join(process.env['XDG_CACHE_HOME'] ?? '', 'vitest-cluster/trees/uses')
  const open = (motd: string) =>
    openInternal(
      defineCluster({
        isolation: 'chroot',
        tree: tree.with(files({ '/etc/motd': motd })),
        services: { one: forever() },
      }),
    )
  const first = await open('first\n')
  const second = await open('second\n')
  for (const [session, motd] of [
    [first, 'first\n'],
    [second, 'second\n'],
  ] as const) {
    const { exec } = await session.handle('one')
    expect((await exec(['/bin/cat', '/etc/motd'])).stdout).toBe(motd)
  }
  const { stdout } = await execa('find', [uses, '-type', 'l', '-name', 'session-*'])
  expect(stdout.split('\n')).toHaveLength(2)
  await Promise.all([first.close(), second.close()])
})

test('a program that the tree lacks is an error with the layer to add', async () => {
  const { tree } = await busyboxTree()
  const one = forever({
    programs: [{ name: 'slapd', debian: 'slapd', fedora: 'openldap-servers' }],
  })
  const error = await up({ tree, services: { one } }).catch((error: unknown) => error)
  expect(checked(error)).toMatchObject({ code: 'MISSING_PROGRAM', details: { service: 'one' } })
  expect(checked(error).message).toContain("packages(['slapd'])")
})

test("an isolation that starts the tree's systemd is an error for a tree without one", async ({
  skip,
}) => {
  const missing = await reason('range')
  skipWhen(skip, missing !== undefined, `this machine does not support range: ${missing}`)
  const { tree } = await busyboxTree()
  const opening = up({ tree, isolation: 'range', services: { one: forever() } })
  const error = await opening.catch((error: unknown) => error)
  expect(checked(error)).toMatchObject({ code: 'MISSING_PROGRAM' })
  expect(checked(error).message).toContain("packages(['systemd', 'dbus'])")
})

test('a service whose directory has files of the tree, and an invalid tree, are errors', async () => {
  const { tree } = await busyboxTree()
  const taken = tree.with(files({ '/srv/one/x': '' }))
  const error = await up({ tree: taken, services: { one: forever() } }).catch(
    (error: unknown) => error,
  )
  expect(checked(error)).toMatchObject({ code: 'INVALID_DEFINITION', details: { service: 'one' } })
  const none = { tree: '/some/where' as never, services: { one: forever() } }
  await expect(up(none)).rejects.toMatchObject({ code: 'INVALID_DEFINITION' })
})
