// @module-tag user
// @module-tag private
import { chown } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeDirectory } from '../../src/disk/modes.ts'
import { exists, thisSystem } from '../../src/machine/system.ts'
import { isDelegated, ownCgroup } from '../../src/systemd/cgroup.ts'
import { SCREEN } from '../helpers/failure.ts'
import { ORDINARY, opened } from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

/** The result for an ordinary user with this runtime directory. */
async function openedBy(runtime: string, wish = '') {
  const env = { XDG_RUNTIME_DIR: runtime, TMPDIR: runtime, VITEST_CLUSTER_MANAGER: wish }
  const said = await opened({ uid: ORDINARY, env })
  expect(said.left).toEqual([])
  expect(said.message.split('\n').length).toBeLessThanOrEqual(SCREEN)
  return said
}

async function emptyRuntime() {
  const runtime = await temporaryDirectory()
  if (ORDINARY !== process.getuid?.()) await chown(runtime, ORDINARY, ORDINARY)
  return runtime
}

test('if the user manager is required and does not run, the error has the fix', async () => {
  const said = await openedBy(await emptyRuntime(), 'user')
  expect(said.code).toBe('NO_MANAGER')
  expect(said.message).toContain(`user-manager: none runs for uid ${ORDINARY}`)
  const real = `/run/user/${ORDINARY}`
  if (await exists(`${real}/systemd/private`)) {
    expect(said.message).toContain(`fix: export XDG_RUNTIME_DIR=${real}`)
  } else if (await exists('/run/systemd/system')) {
    expect(said.message).toContain(`fix: sudo loginctl enable-linger ${ORDINARY}`)
  } else {
    // Lingering would not help
    expect(said.message).toContain('fix: # systemd is not PID 1 on this machine')
    expect(said.message).toContain('Run as root')
  }
})

test('if the user manager runs without a D-Bus, the error has the fix for this distribution', async () => {
  const runtime = await emptyRuntime()
  await makeDirectory(join(runtime, 'systemd'), 0o755)
  const server = createServer().listen({
    path: join(runtime, 'systemd/private'),
    writableAll: true,
  })
  onTestFinished(() => void server.close())
  const said = await openedBy(runtime)
  expect(said.code).toBe('NO_MANAGER')
  expect(said.message).toContain('user-bus: your systemd runs, but without a D-Bus')
  const { distribution } = await thisSystem()
  const install = { debian: 'apt-get', fedora: 'dnf', arch: 'pacman' }
  for (const [name, program] of Object.entries(install))
    expect(said.message.includes(program)).toBe(distribution ? name === distribution : true)
  expect(said.message).toContain('systemctl --user start dbus.socket')
})

test('without a user manager and a delegated control group the error has the fix', async () => {
  const cgroup = await ownCgroup()
  const said = await openedBy(await emptyRuntime(), 'private')
  if (ORDINARY === process.getuid?.() && cgroup && (await isDelegated(cgroup))) {
    // has a delegated control group, which is all that a private manager needs
    expect(said).toMatchObject({ message: '' })
    return
  }
  expect(said.code).toBe('NO_MANAGER')
  expect(said.message).toContain('cgroup-delegation: ')
  expect(said.message).toMatch(
    /run as root, or get a control group of your own from root:\n.*mkdir .*\n.*chown /,
  )
})
