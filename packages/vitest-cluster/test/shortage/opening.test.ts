import { expect, test } from 'vitest'
import { limitedGroup, NO_GROUP } from '../helpers/limited-group.ts'
import { from, openWithMore, shortOf } from '../helpers/short-of.ts'
import { areSysctlsClosed, limited, ONLY_ROOT, ROOT, skipWhen } from '../helpers/situation.ts'

test('opening a session with few descriptors fails with the limit, at each step', async () => {
  const give = (most: number) => ['prlimit', `--nofile=${most}`]
  const failed = await openWithMore(from(24, 4), ['NO_DESCRIPTORS'], give)
  expect(failed.length).toBeGreaterThan(1)
  expect(failed[0]).toMatch(/the limit is \d+ .*\(ulimit -n\).*\n +fix: ulimit -n/s)
})

test('opening a session with few processes in its control group fails with the limit, at each step', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const group = limitedGroup('pids')
  skipWhen(skip, group === undefined, NO_GROUP)
  const give = (most: number) => {
    group?.limit(most)
    return group?.enter ?? []
  }
  const failed = await openWithMore(from(11, 2), ['NO_PROCESSES'], give)
  expect(failed.length).toBeGreaterThan(1)
  expect(failed[0]).toMatch(
    new RegExp(`the limit of the control group ${group?.directory} is \\d+ \\(pids.max\\)`),
  )
  expect(failed[0]).toMatch(/--pids-limit.*TasksMax=/s)
})

test('opening a session with few processes of the user fails with the limit', async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  // Root has no such limit, and no other processes have the services' uid
  for (const most of [1, 2, 3]) {
    const outcome = await shortOf(['prlimit', `--nproc=${most}`])
    expect(outcome).toMatchObject({ code: 'NO_PROCESSES', left: [] })
    expect(outcome?.message).toContain(`the limit of a user is ${most} (ulimit -u)`)
  }
})

test.for([
  ['max_mnt_namespaces', 1, 'NO_NAMESPACES', 'user.max_mnt_namespaces'],
  ['max_inotify_instances', 0, 'NO_INOTIFY', '0 inotify instances'],
  ['max_inotify_watches', 0, 'NO_INOTIFY', '0 inotify watches'],
] as const)(
  'opening a session in a user namespace with a low %s fails with that limit',
  async ([name, value, code, says], { skip }) => {
    skipWhen(skip, !ROOT, ONLY_ROOT)
    skipWhen(skip, await areSysctlsClosed(), 'sysctls are read-only in this container')
    const { through = [] } = await limited(name, value)
    const outcome = await shortOf(through)
    expect(outcome).toMatchObject({ code, left: [] })
    expect(outcome?.message).toContain(says)
    expect(outcome?.message).not.toContain('disk')
  },
)

test('opening a session fails with NO_MEMORY if the kernel kills a service for its memory', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const group = limitedGroup('memory')
  skipWhen(skip, group === undefined, NO_GROUP)
  group?.limit(200 * 2 ** 20)
  const outcome = await shortOf(group?.enter ?? [], './uses-session.ts', 'eats')
  expect(outcome).toMatchObject({ code: 'NO_MEMORY', left: [] })
  expect(outcome?.message).toMatch(/^hungry: there is no memory left: the limit of .* is 200 MiB/)
})
