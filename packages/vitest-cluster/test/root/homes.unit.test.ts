import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { assignIds } from '../../src/root/accounts.ts'
import { makeRoot } from '../../src/root/make.ts'
import { homesOf, ownDirectories } from '../../src/root/plan.ts'
import { script } from '../helpers/services.ts'
import { scratchDirectory } from '../helpers/temporary.ts'

test('homes are created within the tree, also if its links or paths lead out of it', async () => {
  const above = await scratchDirectory()
  const root = join(above, 'root')
  await mkdir(join(root, 'srv'), { recursive: true })
  await mkdir(join(above, 'outside'))
  const targets = new Map([
    ['srv/absolute', join(above, 'outside')],
    ['srv/relative', '../../outside'],
  ])
  const homes = ['/srv/absolute/a', '/srv/relative/b', '/srv/web', '/srv/other/c']
  const accounts = homes.map((home, index) => ({ name: `user${index}`, home }))
  const services = { web: script('true', { accounts }) }
  // As in the passwd(5) of a hostile tree
  const tree = {
    users: [{ name: 'up', uid: 5, gid: 5, home: '/../../outside/d', shell: '' }],
    groups: [],
  }
  const ids = assignIds(services, 'many', { uid: 0, gid: 0 }, tree)
  const paths = homesOf({ accounts: ids, hostNames: ['web'] }, targets)
  const links = [...targets].map(([path, target]) => ({ path: join(root, path), target }))
  const directories = ownDirectories(root, paths)
  await makeRoot({ directory: root, mounts: [], directories, links, files: [], copies: [] })
  expect(await readdir(join(above, 'outside'))).toEqual([])
  expect(await readdir(above)).toEqual(['outside', 'root'])
  expect(await readdir(join(root, 'outside'))).toEqual(['b', 'd'])
  // The service's directory is made with its state
  expect((await readdir(join(root, 'srv'))).sort()).toEqual(['absolute', 'other', 'relative'])
})
