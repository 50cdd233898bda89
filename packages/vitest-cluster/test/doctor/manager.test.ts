// @module-tag user
import { chown, mkdir, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { doctor } from '../../src/index.ts'
import { exists } from '../../src/machine/system.ts'
import { linesOf, ORDINARY, opened, ROOT, seen, skipWhen } from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

const REAL = `/run/user/${ORDINARY}`
/** Whether an ordinary user's systemd runs on this machine. */
const RUNS = await exists(join(REAL, 'systemd/private'))
const NO_RUNTIME = 'no user manager runs for who runs the tests'

/** Makes a runtime directory of the ordinary user, without a manager. */
async function runtimeDirectory(): Promise<string> {
  const runtime = await temporaryDirectory()
  await chown(runtime, ORDINARY, ROOT ? ORDINARY : (process.getgid?.() ?? 0))
  return runtime
}

/** A user with this runtime directory who wants the user manager. */
function user(XDG_RUNTIME_DIR: string) {
  return { uid: ORDINARY, env: { XDG_RUNTIME_DIR, VITEST_CLUSTER_MANAGER: 'user', TMPDIR: '/tmp' } }
}

test('doctor() finds the user manager and its bus', async ({ skip }) => {
  skipWhen(skip, !RUNS, NO_RUNTIME)
  const see = await seen({ env: { XDG_RUNTIME_DIR: REAL, VITEST_CLUSTER_MANAGER: '' } })
  expect(see('runtime-directory')).toMatchObject({ status: 'ok', found: REAL })
  expect(see('user-manager')).toMatchObject({
    status: 'ok',
    neededFor: ['session', 'user manager'],
  })
  expect(see('user-bus').status).toBe('ok')
  // preconditions of a private manager are not missing
  expect(['ok', 'unneeded']).toContain(see('cgroup-delegation').status)
})

test('doctor() reports a missing user manager, with its fix', async () => {
  const runtime = await runtimeDirectory()
  const see = await seen(user(runtime))
  expect(see('runtime-directory')).toMatchObject({ status: 'ok', found: runtime })
  const one = see('user-manager')
  expect(one).toMatchObject({ status: 'missing', neededFor: ['session', 'user manager'] })
  expect(one.found).toContain(`none runs for uid ${ORDINARY}`)
  const fix = linesOf(one).join('\n')
  if (RUNS) expect(fix).toBe(`export XDG_RUNTIME_DIR=${REAL}`)
  else if (await exists('/run/systemd/system')) expect(fix).toContain('sudo loginctl enable-linger')
  else expect(fix).toContain('systemd is not PID 1 on this machine')
})

test('doctor() and openSession() report an XDG_RUNTIME_DIR that is missing, a file, or of another user', async () => {
  const runtime = await runtimeDirectory()
  await writeFile(join(runtime, 'file'), '')
  const wrong = [
    [join(runtime, 'none'), 'does not exist'],
    [join(runtime, 'file'), 'is not a directory'],
    ['/run', 'belongs to uid 0'],
  ] as const
  for (const [path, trouble] of wrong) {
    const one = (await seen(user(path)))('runtime-directory')
    expect(one).toMatchObject({ status: 'missing', found: `${path} ${trouble}` })
    const { code, message } = await opened(user(path))
    expect(code).toBe('NO_MANAGER')
    expect(message).toContain(`runtime-directory: ${path} ${trouble}`)
    expect(message).toContain(linesOf(one)[0])
  }
})

test('doctor() reports a runtime directory that root created by hand, with its fix', {
  tags: ['systemd'],
}, async ({ skip }) => {
  skipWhen(skip, !ROOT || !(await exists('/run/systemd/system')), 'for root where systemd is PID 1')
  const uid = ORDINARY
  const before = `mount -t tmpfs tmpfs /run/user && mkdir -m 755 /run/user/${uid}`
  const env = { XDG_RUNTIME_DIR: '', VITEST_CLUSTER_MANAGER: 'user' }
  const one = (await seen({ before, uid, env }))('runtime-directory')
  expect(one).toMatchObject({ status: 'missing', found: `/run/user/${uid} belongs to uid 0` })
  expect(linesOf(one)).toEqual([`sudo systemctl restart user-runtime-dir@${uid} user@${uid}`])
})

test('doctor() reports a user manager without a bus', async () => {
  const runtime = await runtimeDirectory()
  if (RUNS) {
    await symlink(join(REAL, 'systemd'), join(runtime, 'systemd'))
  } else {
    // No user manager runs here: a server that accepts connections is enough for the check
    await mkdir(join(runtime, 'systemd'))
    const server = createServer().listen({
      path: join(runtime, 'systemd/private'),
      writableAll: true,
    })
    onTestFinished(() => void server.close())
  }
  const env = { XDG_RUNTIME_DIR: runtime, VITEST_CLUSTER_MANAGER: '' }
  const see = await seen({ ...user(runtime), env })
  expect(see('user-manager').status).toBe('ok')
  expect(see('user-bus')).toMatchObject({
    status: 'missing',
    neededFor: ['session', 'user manager'],
    fix: {
      debian: [
        'sudo apt-get install --no-install-recommends dbus-user-session',
        'systemctl --user start dbus.socket',
      ],
      fedora: expect.anything(),
      arch: expect.anything(),
    },
  })
})

test("doctor() reports a manager's socket on which no process listens", async () => {
  const runtime = await runtimeDirectory()
  await mkdir(join(runtime, 'systemd'))
  await writeFile(join(runtime, 'systemd/private'), '')
  expect((await seen(user(runtime)))('user-manager').status).toBe('missing')
})

test('doctor() reports whether lingering is enabled', async ({ skip }) => {
  skipWhen(skip, !RUNS, NO_RUNTIME)
  const env = { XDG_RUNTIME_DIR: REAL, VITEST_CLUSTER_MANAGER: '' }
  const lingers = await exists(`/var/lib/systemd/linger/${process.env['USER'] ?? ''}`)
  expect((await seen({ env }))('linger').status).toBe(lingers ? 'ok' : 'warning')
  const before = 'mount -t tmpfs tmpfs /var/lib/systemd'
  const one = (await seen({ before, env }))('linger')
  expect(one.status).toBe('warning')
  expect(linesOf(one)[0]).toMatch(/^sudo loginctl enable-linger \S+$/)
})

test('for root doctor() checks a private manager, whatever the environment', async ({ skip }) => {
  skipWhen(skip, !ROOT, 'for root')
  const list = await doctor({ env: { ...process.env, VITEST_CLUSTER_MANAGER: 'user' } })
  const status = (id: string) => list.find((one) => one.id === id)?.status
  for (const id of ['runtime-directory', 'user-manager', 'user-bus', 'linger'])
    expect({ id, status: status(id) }).toEqual({ id, status: 'unneeded' })
  const setpriv = list.find(({ id }) => id === 'setpriv')
  expect(setpriv?.neededFor).toContain('session')
})
