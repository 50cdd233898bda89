import { expect, test } from 'vitest'
import { limitedGroup, NO_GROUP } from '../helpers/limited-group.ts'
import { from, shortOf, sweepUp } from '../helpers/short-of.ts'
import { areSysctlsClosed, limited, ONLY_ROOT, ROOT, skipWhen } from '../helpers/situation.ts'

test('few file descriptors: each step that has none left says so', async () => {
  const give = (most: number) => ['prlimit', `--nofile=${most}`]
  const failed = await sweepUp(from(24, 4), ['NO_DESCRIPTORS'], give)
  expect(failed.length).toBeGreaterThan(1)
  expect(failed[0]).toMatch(/the limit is \d+ .*\(ulimit -n\).*\n +fix: ulimit -n/s)
})

test('few processes in its control group: each step that can start none says so', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const group = limitedGroup('pids')
  skipWhen(skip, group === undefined, NO_GROUP)
  const give = (most: number) => {
    group?.limit(most)
    return group?.enter ?? []
  }
  const failed = await sweepUp(from(11, 2), ['NO_PROCESSES'], give)
  expect(failed.length).toBeGreaterThan(1)
  expect(failed[0]).toMatch(new RegExp(`the limit of ${group?.directory} is \\d+ \\(pids.max\\)`))
  expect(failed[0]).toMatch(/--pids-limit.*TasksMax=/s)
})

test("few processes of the services' user", async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  // Root itself has no such limit, and a uid that services have is nobody else's
  for (const most of [1, 2, 3]) {
    const came = await shortOf(['prlimit', `--nproc=${most}`])
    expect(came).toMatchObject({ code: 'NO_PROCESSES', left: [] })
    expect(came?.message).toContain(`the limit of a user is ${most} (ulimit -u)`)
  }
})

test.for([
  ['max_mnt_namespaces', 1, 'NO_NAMESPACES', 'user.max_mnt_namespaces'],
  ['max_inotify_instances', 0, 'NO_INOTIFY', '0 inotify instances'],
  ['max_inotify_watches', 0, 'NO_INOTIFY', '0 inotify watches'],
] as const)('a limit of the user namespace: %s', async ([name, value, code, says], { skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  skipWhen(skip, await areSysctlsClosed(), 'sysctls are read-only in this container')
  const { through = [] } = await limited(name, value)
  const came = await shortOf(through)
  expect(came).toMatchObject({ code, left: [] })
  expect(came?.message).toContain(says)
  expect(came?.message).not.toContain('disk')
})

test('a service that the kernel kills for its memory', async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const group = limitedGroup('memory')
  skipWhen(skip, group === undefined, NO_GROUP)
  group?.limit(200 * 2 ** 20)
  const came = await shortOf(group?.enter ?? [], './uses-session.ts', 'eats')
  expect(came).toMatchObject({ code: 'NO_MEMORY', left: [] })
  expect(came?.message).toMatch(/^hungry: there is no memory left: the limit of .* is 200 MiB/)
})
