import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasInside, resolveInside, statInside } from '../../src/disk/inside.ts'
import { readAccounts } from '../../src/root/passwd.ts'
import { scratchDirectory } from '../helpers/temporary.ts'

const UP = '../../../../../../../../../..'

/** A tree with links of all kinds, and a file beside it to which no link may lead. */
async function tree() {
  const directory = await scratchDirectory()
  const root = join(directory, 'root')
  await mkdir(join(root, 'etc'), { recursive: true })
  await mkdir(join(root, 'usr/bin'), { recursive: true })
  await writeFile(join(root, 'etc/file'), 'inside')
  await writeFile(join(directory, 'outside'), 'x')
  const links = {
    bin: 'usr/bin',
    'usr/bin/absolute': '/etc/file',
    'usr/bin/climbs': `${UP}/etc/file`,
    'usr/bin/twice': 'climbs',
    'usr/bin/dots': './.././bin//../../etc',
    'usr/bin/nowhere': '/gone/file',
    'etc/round': 'round',
    'etc/pair': '/etc/other',
    'etc/other': 'pair',
    // Within the tree these links lead to themselves, on the host they lead out of it
    'etc/beside': '/../etc/beside',
    proc: `${UP}/proc`,
  }
  for (const [path, target] of Object.entries(links)) await symlink(target, join(root, path))
  return root
}

test.for([
  ['', ''],
  ['/', ''],
  ['.././/..', ''],
  ['etc/./file', 'etc/file'],
  ['bin/absolute', 'etc/file'],
  ['bin/climbs', 'etc/file'],
  ['/bin/twice/', 'etc/file'],
  ['bin/dots/file', 'etc/file'],
  ['bin/nowhere', 'gone/file'],
  ['gone/../etc/file', 'etc/file'],
  ['../outside', 'outside'],
] as const)('in the tree %j leads to %j', async ([path, place]) => {
  expect(resolveInside(await tree(), path)).toBe(place)
})

test('a link at the end of a path is followed, unless the caller asks for the link', async () => {
  const root = await tree()
  expect(resolveInside(root, 'bin/absolute', false)).toBe('usr/bin/absolute')
  expect(resolveInside(root, 'bin', false)).toBe('bin')
  expect(resolveInside(root, 'bin/', false)).toBe('bin')
  expect(resolveInside(root, 'bin/dots/file', false)).toBe('etc/file')
  expect(statInside(root, 'bin/absolute')?.isFile()).toBe(true)
})

test.for(['etc/round', 'etc/round/file', 'etc/pair', 'etc/beside', 'proc/self', 'proc'])(
  '%s is a circular link in the tree and leads nowhere, wherever it leads on the host',
  async (path) => {
    const root = await tree()
    expect(resolveInside(root, path)).toBeUndefined()
    expect(hasInside(root, path)).toBe(false)
  },
)

test('hasInside() finds paths in the tree and none outside', async () => {
  const root = await tree()
  const has = (path: string) => hasInside(root, path)
  expect(['/', '/etc/file', 'bin/twice', '../etc'].map(has)).toEqual([true, true, true, true])
  expect(['../outside', '/outside', 'bin/nowhere', 'etc/file/x'].map(has)).toEqual(
    Array(4).fill(false),
  )
})

test("accounts are not read from the host if the tree's passwd is a link to the host's", async () => {
  const root = await tree()
  await symlink(`${UP}/etc/passwd`, join(root, 'etc/passwd'))
  await symlink(`${UP}/etc/group`, join(root, 'etc/group'))
  expect(await readAccounts(root)).toEqual({ users: [], groups: [] })
})
