import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readAccounts } from '../../src/root/passwd.ts'
import { scratchDirectory } from '../helpers/temporary.ts'

async function tree(files: Record<string, string>) {
  const root = await scratchDirectory()
  await mkdir(join(root, 'etc'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, 'etc', name), text)
  return root
}

test('accounts and groups are read from a tree', async () => {
  const passwd =
    '# comment\nroot:x:0:0:root:/root:/bin/bash\n\nshort:x:7:8\n+::::::\nuid:x::1::/:\n'
  const group = 'root:x:0:\nlog:x:4:alice,,bob\nshort:x:9\n#x:x:1:\nbroken\n:x:5:\n'
  expect(await readAccounts(await tree({ passwd, group }))).toEqual({
    users: [
      { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash' },
      { name: 'short', uid: 7, gid: 8, home: '', shell: '' },
    ],
    groups: [
      { name: 'root', gid: 0, members: [] },
      { name: 'log', gid: 4, members: ['alice', 'bob'] },
      { name: 'short', gid: 9, members: [] },
    ],
  })
})

test('a tree without passwd and group has no accounts', async () => {
  expect(await readAccounts(await tree({}))).toEqual({ users: [], groups: [] })
  expect(await readAccounts('/nowhere')).toEqual({ users: [], groups: [] })
})

test('a link in place of passwd is followed within the tree', async () => {
  const root = await tree({ real: 'inside:x:1:1::/:\n' })
  await symlink('/etc/real', join(root, 'etc/passwd'))
  expect(await readAccounts(root)).toMatchObject({ users: [{ name: 'inside' }] })
})
