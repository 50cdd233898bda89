import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { closedOn, opening } from './closed.ts'
import { ONLY_ROOT, ORDINARY, ROOT, skipWhen } from './situation.ts'
import { temporaryDirectory } from './temporary.ts'

test('other uids can run programs below closed directories, under the same path', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const top = await temporaryDirectory()
  await chmod(top, 0o755)
  const clone = join(top, "it's closed", 'clone')
  const program = join(clone, 'bin', 'program')
  await mkdir(join(clone, 'bin'), { recursive: true })
  await writeFile(join(clone, '.hidden'), 'shown')
  await symlink('bin/program', join(clone, 'link'))
  await writeFile(program, '#!/bin/sh\npwd; cat .hidden; test -w . || echo " only"', {
    mode: 0o755,
  })
  for (const path of [join(top, "it's closed"), clone]) await chmod(path, 0o700)
  // The parents of the temporary directory are not this test's
  const closed = closedOn([program]).filter((path) => path.startsWith(`${top}/`))
  expect(closed).toEqual([join(top, "it's closed"), clone])

  const run = (before: string) => {
    const other = ['setpriv', '--reuid', `${ORDINARY}`, '--regid', `${ORDINARY}`, '--clear-groups']
    const script = `${before}\n[ ! -x "$0" ] || cd "$0"; exec "$@"`
    const argv = ['sh', '-ec', script, clone, ...other, join(clone, 'link')]
    return execa('unshare', ['--mount', '--propagation', 'private', ...argv], { reject: false })
  }
  expect(await run(opening([]))).toMatchObject({ failed: true, stdout: '' })
  expect(await run(opening(closed))).toMatchObject({ stdout: `${clone}\nshown only` })
})
