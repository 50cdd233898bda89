// @module-tag user
/** Files that the session shows in /etc of a writable tree can be replaced, as programs do by rename(2). */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { defineCluster } from '../../src/index.ts'
import { openInternal } from '../../src/open/open-session.ts'
import { script } from '../helpers/services.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'
import { busyboxTree } from '../helpers/trees.ts'

test("the session's own files in a writable tree can be replaced, and the tree keeps its own", async () => {
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  const { tree, path } = await busyboxTree()
  const services = { web: script('exec sleep 1000'), db: script('exec sleep 1000') }
  await using session = await openInternal(
    defineCluster({ isolation: 'chroot', tree: tree.writableInMemory(), services }),
  )
  const [{ exec }, db] = [await session.handle('web'), await session.handle('db')]
  const sh = async (code: string) => (await exec(['sh', '-c', code], { all: true })).all
  expect(await sh('head -n 2 /etc/hosts; id -un; cat /etc/motd')).toBe(
    '127.0.0.1 localhost web db\n::1 localhost\nsession\nbelow\n',
  )
  for (const name of ['hosts', 'passwd', 'group', 'nsswitch.conf', 'hostname'])
    expect(await sh(`echo mine >/etc/new; mv /etc/new /etc/${name}; cat /etc/${name}`)).toBe(
      'mine\n',
    )
  expect(await sh('sed -i s/mine/yours/ /etc/hosts; cat /etc/hosts')).toBe('yours\n')
  expect((await db.exec(['cat', '/etc/hosts'])).stdout).toBe('yours\n')
  expect(await readFile(join(path, 'etc/passwd'), 'utf8')).toMatch(/^root:/)
})
