import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { isDelegated, ownCgroup } from '../../src/systemd/cgroup.ts'
import { child } from '../helpers/child.ts'
import { SCREEN } from '../helpers/failure.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

interface Said {
  readonly code?: string
  readonly message: string
  readonly left: string[]
}

// An ordinary user's uid that nobody has; who is one already stays who he is
const UID = process.getuid?.() === 0 ? 61_183 : process.getuid?.()

afterEach(() => void vi.unstubAllEnvs())

/** What an ordinary user with this runtime directory gets. */
async function openedBy(runtime: string, wish = '') {
  vi.stubEnv('XDG_RUNTIME_DIR', runtime)
  vi.stubEnv('TMPDIR', runtime)
  vi.stubEnv('VITEST_CLUSTER_MANAGER', wish)
  const { said } = await child<Said>('./opens-as.ts', `${UID}`)
  expect(said.left).toEqual([])
  expect(said.message.split('\n').length).toBeLessThanOrEqual(SCREEN)
  return said
}

async function emptyRuntime() {
  const runtime = await temporaryDirectory()
  await chmod(runtime, 0o755)
  return runtime
}

test('where the user wants his own manager and none runs, the mend is to let it linger', async () => {
  const said = await openedBy(await emptyRuntime(), 'user')
  expect(said.code).toBe('NO_MANAGER')
  expect(said.message).toContain(`none runs for uid ${UID}`)
  expect(said.message).toContain(`mend: sudo loginctl enable-linger ${UID}`)
})

test('where it runs without a D-Bus, the mend names the packages', async () => {
  const runtime = await emptyRuntime()
  await mkdir(join(runtime, 'systemd'))
  await writeFile(join(runtime, 'systemd/private'), '')
  const said = await openedBy(runtime)
  expect(said.code).toBe('NO_MANAGER')
  expect(said.message).toContain('without a D-Bus')
  expect(said.message).toContain('apt-get install dbus-user-session')
  expect(said.message).toContain('Fedora:')
})

test('without a manager and a cgroup of his own a user is told both ways out', async () => {
  const cgroup = await ownCgroup()
  const said = await openedBy(await emptyRuntime(), 'private')
  if (UID === process.getuid?.() && cgroup && (await isDelegated(cgroup))) {
    // has a cgroup of his own: that is all that a private manager needs
    expect(said).toMatchObject({ message: '' })
    return
  }
  expect(said.code).toBe('NO_MANAGER')
  expect(said.message).toContain(`no systemd user manager runs for uid ${UID}`)
  expect(said.message).toContain('loginctl enable-linger')
  expect(said.message).toMatch(/in a container: .*\n.*mkdir .* && chown /)
})
