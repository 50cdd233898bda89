import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { child } from '../helpers/child.ts'
import { limitedGroup, NO_GROUP } from '../helpers/limited-group.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import { processesOf } from '../helpers/processes.ts'
import { ONLY_ROOT, ROOT, skipWhen } from '../helpers/situation.ts'

test('a keeper that cannot start processes kills the session at once, and removes it as soon as it can', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const group = limitedGroup('pids')
  skipWhen(skip, group === undefined, NO_GROUP)
  if (!group) return
  const temporary = await ownTemporary()
  const { said, process: owner, ended } = await child<{ id: string }>('./opens-session.ts')
  const keepers = await processesOf(said.id, 'keeper.sh')
  expect(keepers.length).toBeGreaterThan(0)
  group.limit(0)
  for (const pid of keepers) writeFileSync(join(group.directory, 'cgroup.procs'), `${pid}`)
  owner.kill('SIGKILL')
  await ended
  await expect.poll(() => processesOf(said.id, 'redis-server'), { timeout: 10_000 }).toEqual([])
  await expect.poll(() => processesOf(said.id, 'systemd'), { timeout: 10_000 }).toEqual([])
  expect((await temporary.leftovers()).join('\n')).toContain(`directory ${said.id}`)
  group.limit(100)
  await temporary.nothingLeft()
})
