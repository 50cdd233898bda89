import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defineCluster, defineService, doctor, type Precondition } from '../../src/index.ts'
import { redis } from '../helpers/services.ts'
import {
  ONLY_ROOT,
  ORDINARY,
  opened,
  pathWithout,
  ROOT,
  seen,
  skipWhen,
} from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

const PROGRAMS: readonly (readonly [Precondition['id'], readonly string[], string])[] = [
  ['flock', ['flock'], 'util-linux'],
  ['unshare', ['unshare'], 'util-linux'],
  ['setpriv', ['setpriv'], 'util-linux'],
  ['mount', ['mount'], 'mount'],
  ['pasta', ['pasta', 'slirp4netns'], 'passt'],
  ['mmdebstrap', ['mmdebstrap'], 'mmdebstrap'],
  ['nspawn', ['systemd-nspawn'], 'systemd-container'],
  ['systemd-version', ['systemctl'], 'systemd'],
]

test('doctor() reports each program missing in PATH, with its package', async () => {
  const directory = await temporaryDirectory()
  const names = PROGRAMS.flatMap(([, names]) => names)
  const PATH = await pathWithout(directory, ...names)
  const see = await seen({ uid: ORDINARY, env: { PATH, VITEST_CLUSTER_MANAGER: 'private' } })
  expect(see('newuidmap').found).toContain(PATH) // shows that the rest of PATH was used
  for (const [id, , debian] of PROGRAMS) {
    const { status, fix } = see(id)
    const line = `sudo apt-get install --no-install-recommends ${debian}`
    expect({ id, status, fix }).toMatchObject({ id, status: 'missing', fix: { debian: [line] } })
  }
  // Checks that need these programs are not reported as forbidden
  for (const id of ['user-namespaces', 'mounts'] as const)
    expect(see(id)).toMatchObject({ id, found: expect.stringMatching(/^not tried: .*ENOENT$/) })
})

test('doctor() finds the installed programs', async () => {
  const see = await seen()
  for (const id of ['flock', 'unshare', 'setpriv', 'mount', 'systemd', 'dbus-daemon'] as const)
    expect(see(id)).toMatchObject({ id, status: 'ok', found: expect.stringMatching(/^\//) })
  expect(see('systemd-version').status).toBe('ok')
})

test('openSession() reports a missing program like doctor()', async () => {
  const PATH = await pathWithout(await temporaryDirectory(), 'flock')
  const { code, message } = await opened({ env: { PATH } })
  expect(code).toBe('NO_MANAGER')
  expect(message).toContain('flock: no flock')
})

test('doctor() and openSession() report missing systemd and dbus-daemon', async ({ skip }) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const directory = await temporaryDirectory()
  // A file that not even root can execute
  await writeFile(join(directory, 'none'), '', { mode: 0o644 })
  const hide = (path: string) => `[ ! -e ${path} ] || mount --bind "$1/none" ${path}`
  const before = ['/usr/lib/systemd/systemd', '/usr/bin/dbus-daemon'].map(hide).join('\n')
  const situation = { before, with: directory }
  const see = await seen(situation)
  expect(see('systemd')).toMatchObject({ status: 'missing', found: 'no systemd' })
  expect(see('dbus-daemon')).toMatchObject({
    status: 'missing',
    neededFor: expect.arrayContaining(['session', 'private manager', 'isolation:range']),
  })
  const { code, message } = await opened(situation)
  expect(code).toBe('NO_MANAGER')
  expect(message).toMatch(/systemd: no systemd; dbus-daemon: no dbus-daemon/)
  expect(message).toMatch(/install .*dbus-daemon/)
})

test('doctor() reports that systemd-nspawn needs root', async () => {
  const path = (await seen())('nspawn')
  if (ROOT && path.status === 'ok') expect(path.found).toMatch(/systemd-nspawn$/)
  const ordinary = (await seen({ uid: ORDINARY }))('nspawn')
  expect(ordinary.status).toBe('missing')
  expect(ordinary.found).toMatch(/for an ordinary user it needs systemd 262\.1|^no systemd-nspawn/)
})

test("doctor() reports the programs of the cluster's services", async () => {
  const none = { name: 'no-such-program', debian: 'the-debian-one' }
  const other = defineService({
    kind: 'other',
    programs: [none, 'sh'],
    command: () => ['no-such-program'],
    ready: 'started',
  })
  const list = await doctor({
    definition: defineCluster({ services: { a: other, b: other, redis: redis() } }),
  })
  const of = (id: string) => list.find((one) => one.id === `program:${id}`)
  expect(of('sh')).toMatchObject({ status: 'ok', neededFor: ['service:a', 'service:b'] })
  expect(of('redis-server')).toMatchObject({ status: 'ok', neededFor: ['service:redis'] })
  expect(of('no-such-program')).toMatchObject({
    status: 'missing',
    neededFor: ['service:a', 'service:b'],
    fix: {
      debian: ['sudo apt-get install --no-install-recommends the-debian-one'],
      fedora: ['sudo dnf install no-such-program'],
    },
  })
})

test('doctor() requires nss-systemd only for ssh logins from another service', async ({ skip }) => {
  const nss = async (services?: Parameters<typeof defineCluster>[0]['services']) =>
    (await doctor(services ? { definition: defineCluster({ services }) } : {})).find(
      ({ id }) => id === 'nss-systemd',
    )
  expect(await nss()).toMatchObject({ status: 'ok', neededFor: ['service:ssh'] })
  const login = defineService({
    kind: 'ssh',
    dependsOn: ['redis'],
    command: () => ['true'],
    ready: 'started',
  })
  expect((await nss({ redis: redis(), login }))?.neededFor).toEqual(['service:login'])
  expect((await nss({ redis: redis() }))?.neededFor).toEqual([])
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const before = `mount -t tmpfs tmpfs /mnt && mkdir /mnt/up /mnt/work
for directory in /usr/lib/*-linux-* /usr/lib64; do
  [ -e "$directory/libnss_systemd.so.2" ] || continue
  mount -t overlay -o "lowerdir=$directory,upperdir=/mnt/up,workdir=/mnt/work" overlay "$directory"
  rm "$directory/libnss_systemd.so.2"
done`
  expect((await seen({ before }))('nss-systemd')).toMatchObject({
    status: 'missing',
    found: 'none',
    fix: { debian: ['sudo apt-get install --no-install-recommends libnss-systemd'] },
  })
})
