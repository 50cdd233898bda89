// @module-tag user
import { rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isDelegated, ownCgroup } from '../../src/systemd/cgroup.ts'
import {
  fixed,
  linesOf,
  ONLY_ROOT,
  ORDINARY,
  opened,
  ROOT,
  type Situation,
  seen,
  skipWhen,
} from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

const OWN = (await ownCgroup()) ?? ''
const ENV = { VITEST_CLUSTER_MANAGER: 'private' }
/** Every mount of cgroup2 that this process sees. */
const MOUNTS = "sed -n 's/^.* - cgroup2 .*$/&/p' /proc/self/mountinfo | cut -d' ' -f5"

test('doctor() finds that root can use its cgroup, and an ordinary user only their own', async () => {
  const cgroup = (await seen({ uid: ORDINARY, env: ENV }))('cgroup-delegation')
  const delegated = !ROOT && (await isDelegated(OWN))
  expect(cgroup.status).toBe(delegated ? 'ok' : 'missing')
  if (!delegated) expect(cgroup.found).toMatch(/belongs to uid 0$/)
  expect(cgroup.neededFor).toEqual(['session', 'private manager'])
  if (!ROOT) return
  const see = await seen()
  expect(see('cgroup2')).toMatchObject({ status: 'ok', found: OWN })
  expect(see('cgroup-delegation').status).toBe('ok')
})

test("a session opens in a control group that root delegates with doctor()'s fix", async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const ordinary: Situation = { uid: ORDINARY, env: { ...ENV, TMPDIR: '/mnt' } }
  const lines = linesOf((await seen(ordinary))('cgroup-delegation'))
  const group = join(OWN, `user-${ORDINARY}`)
  onTestFinished(() => rmdir(group))
  const fix = `mount -t tmpfs -o mode=1777 tmpfs /mnt\n${fixed(lines).replace('tee', 'tee >/dev/null')}`
  const after = await seen({ ...ordinary, before: fix })
  expect(after('cgroup-delegation')).toMatchObject({ status: 'ok', found: `you own ${group}` })
  await rmdir(group)
  expect(await opened({ ...ordinary, before: fix })).toMatchObject({ message: '', left: [] })
})

test('doctor() and openSession() report a read-only cgroup2', async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const situation: Situation = { before: `${MOUNTS} | xargs -n 1 mount -o remount,bind,ro` }
  const one = (await seen(situation))('cgroup-delegation')
  expect(one).toMatchObject({ status: 'missing', found: `${OWN} is read-only` })
  const { code, message } = await opened(situation)
  expect(code).toBe('NO_MANAGER')
  expect(message).toContain(`cgroup-delegation: ${OWN} is read-only`)
})

test('doctor() and openSession() report that no cgroup2 is mounted', async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const situation: Situation = { before: `${MOUNTS} | xargs -n 1 umount --lazy` }
  const see = await seen(situation)
  expect(see('cgroup2')).toMatchObject({ status: 'missing', neededFor: ['session'] })
  expect(see('cgroup2').fix).toMatchObject({
    all: ['sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup'],
    container: [expect.stringContaining('--privileged')],
  })
  expect((await opened(situation)).message).toContain('cgroup2: none is mounted')
})

test('doctor() shows an ordinary user without a manager both possible fixes', async ({ skip }) => {
  skipWhen(skip, !ROOT && (await isDelegated(OWN)), 'this user has a control group of his own')
  const runtime = await temporaryDirectory()
  await rm(runtime, { recursive: true })
  const env = { XDG_RUNTIME_DIR: runtime, VITEST_CLUSTER_MANAGER: '', TMPDIR: '/tmp' }
  const see = await seen({ uid: ORDINARY, env })
  expect(see('user-manager')).toMatchObject({ status: 'missing' })
  expect(see('cgroup-delegation')).toMatchObject({ status: 'missing' })
  const { code, message } = await opened({ uid: ORDINARY, env })
  expect(code).toBe('NO_MANAGER')
  expect(message).toContain(`none runs for uid ${ORDINARY}`)
  expect(message).toMatch(/run as root, or get a control group of your own from root:\n.*mkdir /)
})
