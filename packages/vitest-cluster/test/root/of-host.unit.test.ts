import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planHost } from '../../src/root/of-host.ts'
import { mount } from '../../src/root/plan.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

/** Plans a host on a read-only tree that has /etc/app, a file, and links. */
async function planned(...directories: string[]) {
  const tree = await temporaryDirectory()
  await mkdir(join(tree, 'etc/app'), { recursive: true })
  await writeFile(join(tree, 'etc/file'), '')
  await symlink('/etc', join(tree, 'etc/outside'))
  await symlink('app', join(tree, 'etc/inside'))
  const root = {
    ...{ directory: '/s/root', directories: [{ path: '/s/root/srv' }], links: [], copies: [] },
    mounts: [mount(join(tree, 'etc'), '/etc'), mount('/s/etc/hosts', '/etc/hosts')],
    files: [{ path: '/s/etc/hosts', text: '' }],
  }
  const names = { hostNames: ['web'], addresses: [], hosts: {}, machines: [] }
  const parts = planHost(root, {
    ...{ name: 'Web0', address: '127.0.10.1', directories, place: '/s/roots/Web0', etc: '/s/etc' },
    ...{ names, machine: 'ci.example.org', inside: false, tree },
  })
  return { tree, ...parts }
}

test('a directory of the tree is copied, and another one is empty', async () => {
  const { tree, host, mounts, directories } = await planned('/etc/app', '/repo')
  const own = '/s/roots/Web0/directories'
  expect(host).toEqual({
    name: 'Web0',
    directories: {
      '/etc/app': { path: `${own}/etc/app`, from: join(tree, 'etc/app') },
      '/repo': { path: `${own}/repo`, from: undefined },
    },
  })
  expect(mounts).toContainEqual({ source: `${own}/repo`, target: '/repo', writable: true })
  // The mount point in the root that other services see
  expect(directories).toContainEqual({ path: '/s/root/repo' })
})

test('a directory of the session, such as /srv, is copied as it is when the session opens', async () => {
  const { host } = await planned('/srv')
  expect(host.directories['/srv']?.from).toBe('/s/root/srv')
})

test("the machine's name is the host in its hosts(5)", async () => {
  const { files } = await planned()
  expect(files).toContainEqual({
    path: '/s/roots/Web0/etc-of-host/hosts',
    text: '127.0.10.1 web0 ci.example.org ci\n127.0.10.1 localhost\n127.0.0.1 web\n127.0.0.1 vitest-cluster\n',
  })
})

test('no link of the tree is followed, and a read-only tree must have the directory', async () => {
  for (const path of ['/etc/outside/ssh', '/etc/outside', '/etc/inside', '/etc/file'])
    await expect(planned(path)).rejects.toThrow(
      `the host Web0 has the directory ${path}, which is a file or leads over a symbolic link`,
    )
  await expect(planned('/etc/none')).rejects.toThrow('the tree has no /etc/none to mount it on')
})
