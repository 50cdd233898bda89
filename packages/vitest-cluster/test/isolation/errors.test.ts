// @module-tag user
import { chmod } from 'node:fs/promises'
import { afterEach, expect, test, vi } from 'vitest'
import type { IsolationName } from '../../src/index.ts'
import { chooseIsolation } from '../../src/isolation/choose.ts'
import { SCREEN } from '../helpers/failure.ts'
import { script } from '../helpers/services.ts'
import { ORDINARY, opened } from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

// An unused uid for an ordinary user; if the tests run as one, their own
const UID = ORDINARY

afterEach(() => void vi.unstubAllEnvs())

/**
 * The result for an ordinary user on a machine that a shell script has changed, as root of a mount namespace. `$1` is a
 * directory for files.
 */
async function openedOn(change: string, isolation: IsolationName) {
  const directory = await temporaryDirectory()
  await chmod(directory, 0o755)
  const situation = { before: change, with: directory, uid: UID, env: { TMPDIR: directory } }
  const said = await opened(situation, isolation)
  expect(said.left).toEqual([])
  expect(said.message.split('\n').length).toBeLessThanOrEqual(SCREEN)
  return said
}

const hide = (path: string) => `[ ! -e ${path} ] || mount --bind /dev/null ${path}`
const replace = (path: string, text: string) =>
  `echo '${text}' >"$1/new"; chmod 644 "$1/new"; mount --bind "$1/new" ${path}`
const FULL = `${UID}:100000:65536`
const ids = (text: string) =>
  `${replace('/etc/subuid', text)}; cp -p "$1/new" "$1/gid"; mount --bind "$1/gid" /etc/subgid`

test.for(['range', 'boot'] as const)(
  'the error of %s without newuidmap names its packages',
  async (isolation) => {
    const said = await openedOn(`${ids(FULL)}; ${hide('/usr/bin/newuidmap')}`, isolation)
    expect(said.code).toBe('ISOLATION_UNAVAILABLE')
    expect(said.message).toContain(
      `does not support isolation '${isolation}': newuidmap: no newuidmap in PATH`,
    )
    expect(said.message).toContain('apt-get install --no-install-recommends uidmap')
  },
)

test('the error for a user without subordinate ids has the command that adds them', async () => {
  const said = await openedOn(ids(''), 'range')
  expect(said.code).toBe('ISOLATION_UNAVAILABLE')
  expect(said.message).toContain('subuid-range: subuid none, subgid none')
  expect(said.message).toContain('sudo usermod --add-subuids')
})

test('the error for a uid range that is too small for a tree has both numbers', async () => {
  const said = await openedOn(ids(`${UID}:100000:1000`), 'range')
  expect(said.code).toBe('ISOLATION_UNAVAILABLE')
  expect(said.message).toContain(`subuid ${UID}:100000:1000, subgid ${UID}:100000:1000`)
})

test('isolation boot with a tree without systemd is an error', async () => {
  const change = `${ids(FULL)}; ${hide('/usr/lib/systemd/systemd')}`
  const said = await openedOn(change, 'boot')
  expect(said.code).toBe('ISOLATION_UNAVAILABLE')
  expect(said.message).toContain('systemd: no systemd')
})

test('isolation nspawn is refused to an ordinary user, with an alternative', async () => {
  const said = await openedOn(ids(FULL), 'nspawn')
  expect(said.code).toBe('ISOLATION_UNAVAILABLE')
  expect(said.message).toContain('needs systemd 262.1, systemd-nsresourced')
  expect(said.message).toContain("isolation: 'boot'")
})

test("the error of an isolation that does not meet a service's needs names the service", async () => {
  const services = { one: script('true', { needs: ['uids'] }) }
  await expect(chooseIsolation({ services, isolation: 'chroot' })).rejects.toThrow(
    /^one: needs accounts with uids of their own, which isolation 'chroot' does not have/,
  )
  const machine = { one: script('true', { needs: ['systemd'] }) }
  await expect(chooseIsolation({ services: machine, isolation: 'range' })).rejects.toThrow(
    /^one: needs a systemd that is PID 1 of its tree, which isolation 'range' does not have/,
  )
})

test('an unknown isolation in the environment is an error', async () => {
  vi.stubEnv('VITEST_CLUSTER_ISOLATION', 'docker')
  await expect(chooseIsolation({ services: { one: script('true') } })).rejects.toThrow(
    'VITEST_CLUSTER_ISOLATION=docker is not an isolation',
  )
})

test("auto chooses the cheapest isolation that meets the services' needs", async () => {
  vi.stubEnv('VITEST_CLUSTER_ISOLATION', undefined)
  const chosen = async (...needs: ('uids' | 'systemd')[]) =>
    (await chooseIsolation({ services: { one: script('true', { needs }) } })).name
  expect(await chosen()).toBe('chroot')
  expect(await chosen('uids')).toBe('range')
  expect(await chosen('uids', 'systemd')).toBe('boot')
})
