// @module-tag systemd
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { openedIn } from '../helpers/opened-in.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

test('a TMPDIR may be a link, relative, and have special characters', async () => {
  const top = await temporaryDirectory()
  const odd = join(top, 'ä b,c;d=e:f%2F%g\\h$x')
  await mkdir(odd)
  await symlink(odd, join(top, 'link'))
  const { directory } = await openedIn(relative(process.cwd(), join(top, 'link')))
  expect(directory).toMatch(`${odd}/vitest-cluster-`)
})

test('a TMPDIR where no session can be made is an error with its path and the fix', async () => {
  const top = await temporaryDirectory()
  await writeFile(join(top, 'file'), '')
  const wrong = {
    "it's": 'systemd cannot mount a path with a quote',
    'a"b': 'systemd cannot mount a path with a quote',
    'line\nend': 'a line end or another control character',
    'not-\ufffd-utf8': 'not UTF-8',
    [`${'long'.repeat(20)}`]: 'too long',
    file: 'ENOTDIR',
    missing: 'ENOENT',
  }
  for (const [name, why] of Object.entries(wrong)) {
    const path = join(top, name)
    if (!['file', 'missing'].includes(name)) await mkdir(path)
    const { code, message } = await openedIn(path)
    expect({ name, code }).toEqual({ name, code: 'SESSION_DIRECTORY' })
    expect(message).toContain(why)
    expect(message).toMatch(/fix: .*TMPDIR/)
  }
})
