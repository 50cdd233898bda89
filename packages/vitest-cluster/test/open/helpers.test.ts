import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ISOLATIONS } from '../../src/isolation/isolation.ts'
import { checkHelpers } from '../../src/open/programs.ts'
import { script } from '../helpers/services.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

/** A tree, or a host, with some programs. */
async function having(programs: readonly string[], isTree: boolean) {
  const path = await temporaryDirectory()
  await mkdir(join(path, 'bin'))
  for (const name of programs) {
    await writeFile(join(path, 'bin', name), '')
    await chmod(join(path, 'bin', name), 0o755)
  }
  const built = { key: 'k', digest: 'd' }
  return { main: { path, writable: false, ...(isTree && { built }) }, own: {}, of: {} } as never
}

test('what logFiles and syslog run in the tree is looked up there', async () => {
  const app = script('true', { logFiles: ['/var/log/app.log'] })
  await expect(
    checkHelpers({ app }, await having(['sh'], true), ISOLATIONS.chroot),
  ).rejects.toMatchObject({
    code: 'MISSING_PROGRAM',
    message: expect.stringMatching(/^app: the copy of its logFiles .* the tree has no cksum /),
    details: { fix: expect.stringContaining('coreutils') },
  })
  const web = script('true', { syslog: true })
  const shell = await having(['sh'], true)
  await expect(checkHelpers({ web }, shell, ISOLATIONS.chroot)).rejects.toMatchObject({
    code: 'MISSING_PROGRAM',
    message: expect.stringMatching(/^web: the listener on its \/dev\/log .* the tree has no perl /),
    details: { fix: expect.stringContaining("packages(['perl-base'") },
  })
  const perl = await having(['sh', 'perl'], true)
  await checkHelpers({ web }, perl, ISOLATIONS.chroot)
  await expect(checkHelpers({ web }, perl, ISOLATIONS.range)).rejects.toThrow(
    'the tree has no mount ',
  )
})

test('a host may lack Perl, too', async () => {
  const web = script('true', { syslog: true })
  const host = await having(['sh'], false)
  await expect(checkHelpers({ web }, host, ISOLATIONS.chroot)).rejects.toThrow(
    'the host has no perl ',
  )
})
