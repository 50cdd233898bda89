import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readResolver } from '../../src/root/etc.ts'
import { scratchDirectory } from '../helpers/temporary.ts'

test("the host's resolv.conf is copied unchanged, following links", async () => {
  const directory = await scratchDirectory()
  const text = '# by hand\nnameserver ::1\nnameserver fe80::1%lo\nsearch a.example b.example\n'
  await writeFile(join(directory, 'stub'), text)
  await symlink('stub', join(directory, 'resolv.conf'))
  expect(await readResolver(join(directory, 'resolv.conf'))).toBe(text)
})

test('a resolv.conf that is missing, a broken link or not a file is an error with the fix', async () => {
  const directory = await scratchDirectory()
  await symlink('nowhere', join(directory, 'link'))
  await mkdir(join(directory, 'directory'))
  for (const name of ['missing', 'link', 'directory']) {
    const path = join(directory, name)
    await expect(readResolver(path)).rejects.toMatchObject({
      code: 'UNREADABLE_FILE',
      message: expect.stringMatching(`dns: 'host', and this machine's ${path} cannot be read: E`),
      details: { fix: expect.stringContaining("use dns: 'files'") },
    })
  }
})
