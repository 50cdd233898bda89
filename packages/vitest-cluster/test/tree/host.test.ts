// @module-tag user
// @module-tag systemd
import { chmod, mkdtemp, readFile, stat } from 'node:fs/promises'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { makeDirectory, writeWithMode } from '../../src/disk/modes.ts'
import { processesOf } from '../helpers/processes.ts'
import { memcached, redis, script } from '../helpers/services.ts'
import { asRoot, up } from '../helpers/session.ts'
import { removeAsCleaner, temporaryDirectory } from '../helpers/temporary.ts'

/** Paths in a service's hostPaths, and their neighbours. */
const shown = await mkdtemp(join(tmpdir(), 'vct-'))
let session: Awaited<ReturnType<typeof open>>

/** One session for all tests: everything that they look at exists from the start. */
function open() {
  return up({
    redis: redis(),
    Cache: memcached(),
    one: script('exec sleep infinity', {
      accounts: [{ name: 'joe@example.com', home: '/home/joe' }],
      hostPaths: [join(shown, 'sub'), join(shown, 'missing')],
    }),
  })
}

beforeAll(async () => {
  // Root's services have another uid, which must be allowed to read the shown paths
  await chmod(shown, 0o755)
  await makeDirectory(join(shown, 'sub'), 0o755)
  await writeWithMode(join(shown, 'sub/file'), 'of the host', 0o644)
  vi.stubEnv('VERY_SECRET', 'token')
  session = await open()
  vi.unstubAllEnvs()
})

afterAll(async () => {
  await session?.close()
  await removeAsCleaner(shown)
})

test("the host's homes, keys and temporary files are not in the tree", async () => {
  const host = await temporaryDirectory()
  const { exec } = await session.handle('redis')
  const argv = ['ls', '-A', '/home', '/root', '/mnt', '/opt']
  // Only the homes of the tree's own accounts; in a tree that boots, systemd-tmpfiles(8) makes a .ssh for root
  expect((await exec(argv, asRoot(session))).stdout).toMatch(
    /^\/home:\njoe\nsession\n\n\/mnt:\n\n\/opt:\n\n\/root:\n(\.ssh\n)?$/,
  )
  // In a tree that boots, systemd-sysusers(8) and systemd-tmpfiles(8) create some of these
  const booted = ['boot', 'nspawn'].includes(session.plan.isolation)
  const own = booted ? [] : ['/etc/ssh', '/etc/shadow', '/etc/gshadow']
  for (const path of [...own, '/etc/ssh/ssh_host_ed25519_key', '/etc/sudoers', host]) {
    expect(await exec(['ls', '-d', path], { allowFailure: true })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('No such file'),
    })
  }
  // The home of the user who runs the tests does not exist, or is empty as above
  const { stdout } = await exec(['ls', '-A', homedir()], { allowFailure: true })
  expect(stdout).toMatch(/^(\.ssh\n)?$/)
})

test('/usr and the bound parts of /etc cannot be written', async () => {
  const { exec } = await session.handle('redis')
  for (const directory of ['/usr', '/usr/bin', '/etc/alternatives', '/var/log/vitest-cluster']) {
    const { stderr, exitCode } = await exec(['touch', `${directory}/new`], { allowFailure: true })
    expect(exitCode).toBe(1)
    // In a tree with its own root, owners also prevent writes
    expect(stderr).toMatch(/Read-only file system|Permission denied/)
  }
  for (const directory of ['/tmp', '/var/tmp', '/run', '/srv/redis'])
    expect(await exec(['touch', `${directory}/new`], asRoot(session))).toMatchObject({
      exitCode: 0,
    })
})

test("passwd and group are the tree's own", async () => {
  const { exec } = await session.handle('one')
  const names = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.split(':')[0])
  // systemd-sysusers(8) adds more in a tree that boots
  const [users, groups] = [
    names((await exec(['cat', '/etc/passwd'])).stdout),
    names((await exec(['cat', '/etc/group'])).stdout),
  ]
  const { uids } = session.plan
  const booted = ['boot', 'nspawn'].includes(session.plan.isolation)
  const own = ['root', 'session', 'joe@example.com', 'nobody']
  const ownGroups = ['root', 'session', 'nogroup', ...(uids === 'many' ? ['joe@example.com'] : [])]
  expect(booted ? users.slice(0, own.length) : users).toEqual(own)
  expect(booted ? groups.slice(0, ownGroups.length) : groups).toEqual(ownGroups)
  expect((await exec(['id', '-un'])).stdout).toBe('session\n')
  expect((await exec(['stat', '-c', '%F', '/home/joe'])).stdout).toBe('directory\n')
})

test("each service's name is a host name in the tree", async () => {
  const { exec } = await session.handle('redis')
  for (const name of ['localhost', 'redis', 'cache'])
    expect((await exec(['getent', 'ahostsv4', name])).stdout).toMatch(/^127\.0\.0\.1 /)
  expect(await exec(['getent', 'hosts', 'redis0'], { allowFailure: true })).toMatchObject({
    exitCode: 2,
  })
})

test('services do not run as root, and cannot gain privileges', async () => {
  const [pid] = await processesOf(session.id, 'redis-server')
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const uids = /^Uid:\t(.*)$/m.exec(status)?.[1]?.split('\t').map(Number) ?? []
  expect(new Set(uids).size).toBe(1)
  const {
    owner: { uid },
    uids: kind,
  } = session.plan
  if (kind === 'one') {
    expect(uids[0]).toBe(uid)
    // A uid of systemd's dynamic range, which no account has, if root runs the tests
    if (userInfo().uid === 0) expect(uids[0]).toBeGreaterThanOrEqual(61_184)
    else expect(uids[0]).toBe(userInfo().uid)
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)
  } else if (userInfo().uid === 0) {
    // A uid of systemd's ranges for containers: `session`, whose number in the tree is 999
    expect(uids[0]).toBe(uid + 999)
    expect(uids[0]).toBeGreaterThanOrEqual(524_288)
  } else {
    expect(uids[0]).not.toBe(userInfo().uid)
  }
  expect(status).toMatch(/^CapEff:\t0{16}$/m)
})

test("the run's environment is not passed to services", async () => {
  const { exec } = await session.handle('redis')
  const names = (await exec(['env'])).stdout
    .trim()
    .split('\n')
    .map((line) => line.split('=')[0])
  const own = ['HOME', 'LANG', 'PATH', 'REDIS_PORT']
  // Variables that systemd adds to every unit (systemd.exec(5))
  const systemd =
    /^(INVOCATION_ID|MANAGERPID(FDID)?|SYSTEMD_EXEC_PID|MEMORY_PRESSURE_.*|LOGNAME|USER|SHELL|PWD)$/
  expect(names).toEqual(expect.arrayContaining(own))
  expect(names.filter((name) => !own.includes(`${name}`) && !systemd.test(`${name}`))).toEqual([])
})

test('the hostPaths of a service are readable in the tree, and not writable', async () => {
  const { exec } = await session.handle('one')
  expect((await exec(['cat', join(shown, 'sub/file')])).stdout).toBe('of the host')
  const argv = ['touch', join(shown, 'sub/new')]
  expect((await exec(argv, { allowFailure: true })).stderr).toMatch(/Read-only file system/)
  expect((await exec(['ls', shown])).stdout).toBe('sub\n')
})

test("only the session's user can enter its directories", async () => {
  const { directory, client, status } = session.plan.paths
  for (const path of [directory, join(directory, '..'), client, status])
    expect((await stat(path)).mode & 0o777).toBe(0o700)
})

test('no program can remove or rename the mounts of the root', async () => {
  const { exec } = await session.handle('one')
  // Not by find -xdev, which leaves mounts out
  const script = `
for path in /* /var/* /srv/* /home/*; do
  [ -d "$path" ] && [ ! -L "$path" ] || continue
  rmdir "$path"; mv "$path" "$path.moved"
  [ -d "$path" ] && [ ! -e "$path.moved" ] && echo "$path"
done`
  const { stdout, stderr } = await exec(['sh', '-c', script])
  expect(stdout.split('\n')).toEqual(
    expect.arrayContaining([
      '/etc',
      '/home',
      '/home/joe',
      '/opt',
      '/srv',
      '/srv/redis',
      '/tmp',
      '/var',
      '/var/tmp',
    ]),
  )
  // Two attempts on each, and none was missing
  expect(stderr.trim().split('\n')).toHaveLength(2 * stdout.trim().split('\n').length)
  expect((await exec(['mktemp'])).exitCode).toBe(0)
})
