// @module-tag user
/** The statements of docs/security.md about each isolation: what is a boundary, and what is not. */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  defineCluster,
  defineService,
  type IsolationName,
  openSession,
  type Ready,
} from 'vitest-cluster'
import { started } from '../../packages/vitest-cluster/test/helpers/child.ts'
import { ROOT } from '../../packages/vitest-cluster/test/helpers/situation.ts'
import { temporaryDirectory } from '../../packages/vitest-cluster/test/helpers/temporary.ts'
import { ISOLATIONS, reason } from '../support/isolations.ts'
import { planOf } from '../support/plan-of.ts'

/** A session of two services that do nothing, with functions that run shell commands in them. */
async function opened(isolation: IsolationName, network: 'host' | 'private' = 'host') {
  const idle = defineService({
    kind: 'idle',
    programs: ['python3'],
    command: () => ['/usr/bin/sleep', 'infinity'],
    ready: 'started',
  })
  const other = defineService({ ...idle, accounts: [{ name: 'two' }], user: 'two' })
  const cluster = defineCluster({ isolation, network, services: { one: idle, two: other } })
  const session = await openSession(cluster)
  const [one, two] = await Promise.all([session.handle('one'), session.handle('two')])
  const sh =
    ({ exec }: typeof one, user?: string) =>
    async (text: string, ...words: string[]) => {
      const argv = ['/bin/sh', '-c', text, 'sh', ...words]
      const options = { allowFailure: true, ...(user && { user }) }
      const { stdout, stderr, exitCode } = await exec(argv, options)
      return exitCode === 0 ? stdout.trim() : `${exitCode}: ${stderr.trim()}`
    }
  return { session, one: sh(one), two: sh(two), root: sh(one, 'root') }
}

type Opened = Awaited<ReturnType<typeof opened>>

/** Depends on the manager: systemd does it under the user manager, the session under a private one. */
const AXES = { tags: ['private', 'systemd'] }

/** Opens a POSIX message queue, mq_open(3), for reading; with `make` creates it. */
const QUEUE = `python3 -c '
import ctypes, os, sys
lib = ctypes.CDLL(None, use_errno=True)
how = os.O_CREAT if sys.argv[2:] else 0
queue = lib.mq_open(sys.argv[1].encode(), how, 0o666, None)
print("open" if queue >= 0 else os.strerror(ctypes.get_errno()))' "$@"`

/** Adds a key of this name to the user keyring, keyrings(7), or prints whether it exists. */
const KEY = `python3 -c '
import ctypes, os, platform, sys
lib = ctypes.CDLL(None, use_errno=True)
add, control = {"x86_64": (248, 250), "aarch64": (217, 219)}[platform.machine()]
name, keyring = sys.argv[1].encode(), -4
if sys.argv[2:]: key = lib.syscall(add, b"user", name, b"x", 1, keyring)
else: key = lib.syscall(control, 10, keyring, b"user", name, 0)
print("there" if key > 0 else os.strerror(ctypes.get_errno()))' "$@"`

/** Opens a terminal, prints its name, and keeps it open. */
const TERMINAL =
  'import os, pty, sys; print(os.ttyname(pty.openpty()[1]), flush=True); sys.stdin.read()'

/** Reads a file through the root of a process, if the process is visible. */
const SEES = '[ -d "/proc/$1" ] && cat "/proc/$1/root/$2"'

for (const isolation of ISOLATIONS) {
  const missing = await reason(isolation)
  const title = missing ? `${isolation} (skipped: ${missing})` : isolation
  describe.skipIf(missing)(title, () => {
    const alone = isolation === 'boot' || isolation === 'nspawn'
    let mine: Opened
    let others: Opened
    beforeAll(async () => {
      ;[mine, others] = await Promise.all([opened(isolation), opened(isolation)])
    })
    afterAll(() => Promise.all([mine.session.close(), others.session.close()]))

    test('shared memory and queues belong to the session', AXES, async () => {
      const name = `vitest-cluster-boundary-${mine.session.id}`
      expect(await mine.one('echo here >/dev/shm/"$1"', name)).toBe('')
      expect(await mine.two('cat /dev/shm/"$1"', name)).toBe('here')
      expect(await others.one('cat /dev/shm/"$1"', name)).toContain('No such file')
      expect(readdirSync('/dev/shm')).not.toContain(name)
      expect(await mine.one('stat -c %a /dev/shm')).toBe('1777')

      const segments = (text: string) => text.split('\n').filter((line) => line.startsWith('0x'))
      const before = segments(execFileSync('ipcs', ['-m']).toString())
      expect(segments(await mine.one('ipcmk -M 12345 >&2; ipcs -m'))).toHaveLength(1)
      expect(segments(await others.one('ipcs -m'))).toEqual([])
      expect(segments(execFileSync('ipcs', ['-m']).toString())).toEqual(before)

      expect(await mine.one(QUEUE, `/${name}`, 'make')).toBe('open')
      expect(await others.one(QUEUE, `/${name}`)).toBe('No such file or directory')
      const host = execFileSync('sh', ['-c', QUEUE, 'sh', `/${name}`]).toString()
      expect(host).toBe('No such file or directory\n')
    })

    test('directories for temporary files belong to the session', async () => {
      for (const directory of ['/tmp', '/var/tmp', '/home', '/srv']) {
        const name = `vitest-cluster-boundary-${mine.session.id}`
        expect(await mine.one('echo here >"$1/$2"', directory, name)).toMatch(/^$|denied/)
        expect(await others.one('ls "$1"', directory)).not.toContain(name)
        expect(readdirSync(directory)).not.toContain(name)
      }
    })

    test("the host's homes are not visible", async () => {
      const { one } = mine
      expect(await one('ls -A /root /home 2>/dev/null; exit 0')).not.toMatch(/\.ssh|\.bashrc/)
      expect(await one('cat /etc/shadow')).toMatch(/No such file|denied/)
    })

    test('a service is not root, and cannot become root', async () => {
      const { one } = mine
      expect(await one('id -u')).not.toBe('0')
      expect(await one('python3 -c "import os; os.setuid(0)"')).toMatch(
        /PermissionError|Invalid argument/,
      )
      // A service's set-uid copy of a program does not change the uid, and the host's set-uid programs do not make it
      // root
      const own = 'cp /usr/bin/id own && chmod 4755 own && ./own -u'
      expect(await one(own)).toBe(await one('id -u'))
      expect(await one('su -s /bin/sh -c "id -u" root </dev/null')).not.toBe('0')
      expect(await one('mount -t tmpfs tmpfs /mnt')).toMatch(/^\d+: /)
      expect(await one('mknod device b 7 0')).toMatch(/^\d+: /)
      expect(await one('echo x >/usr/bin/id')).toMatch(/^\d+: /)
      expect(await one('chown 0:0 /srv/one')).toMatch(/^\d+: /)
    })

    test('processes of the host cannot be used to read files', async () => {
      const directory = await temporaryDirectory()
      const file = join(directory, 'secret')
      await writeFile(file, 'secret', { mode: 0o600 })
      const { one, root, session } = mine
      const pid = `${process.pid}`
      const seen = await one(SEES, pid, file)
      if (alone) {
        // The tree has its own processes
        expect(await one('cat /proc/1/comm')).toBe('systemd')
        expect(seen).not.toBe('secret')
        expect(await one('ls /proc')).not.toContain(`\n${pid}\n`)
      } else {
        // Visible, but a process of another user namespace cannot read through them (ptrace(2), PTRACE_MODE_READ)
        expect(await one('[ -d "/proc/$1" ] && echo seen', pid)).toBe('seen')
        expect(seen).toMatch(/denied/)
        // Signals check only the uid (kill(2)): if the user is not root, the service or the tree's root has the user's
        // uid
        const many = planOf(session).accounts.uids === 'many'
        expect(await one('kill -0 "$1"', pid)).toMatch(ROOT || many ? /not permitted/i : /^$/)
        if (many) expect(await root('kill -0 "$1"', pid)).toMatch(ROOT ? /not permitted/i : /^$/)
      }
    })

    test("the host's loopback can be reached", async () => {
      const server = createServer((socket) => socket.end('host\n'))
      onTestFinished(() => void server.close())
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as { port: number }
      const { one } = mine
      expect(await one(CONNECT, `${port}`)).toBe('host')
    })

    test("the user's terminals can be opened only under chroot, by the user's uid", async () => {
      const { said } = await started('python3', '-c', TERMINAL)
      const written = await mine.one('echo x >"$1"', said)
      if (isolation === 'chroot') expect(written).toMatch(ROOT ? /denied/ : /^$/)
      else expect(written).toMatch(/nonexistent|No such file|denied/)
    })

    test('keys of the user keyring are not shared with other sessions or the host', async () => {
      const name = `vitest-cluster-boundary-${mine.session.id}`
      // systemd-nspawn(1) forbids keyrings
      expect(await mine.one(KEY, name, 'add')).toMatch(/^there$|not permitted/)
      expect(await others.one(KEY, name)).not.toBe('there')
      expect(execFileSync('sh', ['-c', KEY, 'sh', name]).toString()).not.toBe('there\n')
    })

    test('services of one session are separated only by their accounts', async () => {
      expect(await mine.one('umask 077; echo secret >/srv/one/private')).toBe('')
      const read = await mine.two('cat /srv/one/private')
      const many = planOf(mine.session).accounts.uids === 'many'
      if (many) expect(read).toMatch(/denied/)
      else expect(read).toBe('secret')
    })

    test('settings of the kernel cannot be changed', async () => {
      const { one, root, session } = mine
      const many = planOf(session).accounts.uids === 'many'
      for (const sh of many ? [one, root] : [one]) {
        for (const path of [
          '/proc/sys/kernel/hostname',
          '/proc/sys/vm/swappiness',
          '/proc/sysrq-trigger',
        ])
          expect(await sh('echo 1 >"$1"', path)).toMatch(/^\d+: /)
        expect(await sh('echo x >/sys/kernel/mm/transparent_hugepage/enabled')).toMatch(/^\d+: /)
      }
    })

    test("other users of the machine cannot enter the session's directories", async () => {
      const { session } = mine
      const { directory } = planOf(session).paths
      for (const path of [directory, join(directory, '..'), join(directory, 'client')])
        expect((await stat(path)).mode & 0o777).toBe(0o700)
    })
  })
}

/** The number of System V segments of this size. */
const count = (size: number) =>
  execFileSync('ipcs', ['-m'])
    .toString()
    .split('\n')
    .filter((line) => line.includes(` ${size} `)).length

test("System V IPC of services is not the host's, with each readiness", AXES, async () => {
  // No other process has segments of this size
  const size = 4_000_000 + process.pid
  const service = (ready: Ready, rest: string, ports: string[] = []) =>
    defineService({
      kind: 'careless',
      ports,
      command: ({ ports }: { ports: Readonly<Record<string, number>> }) => [
        ...['/bin/sh', '-c', `ipcmk -M "$1" && echo made; ${rest}`, 'sh', `${size}`],
        ...Object.values(ports).map(String),
      ],
      ready,
    })
  const idle = 'exec sleep infinity'
  const services = {
    started: service('started', idle),
    says: service({ logLine: '^made' }, idle),
    asked: service({ exec: ['/bin/true'] }, idle),
    listens: service('listening', 'exec python3 -m http.server --bind 127.0.0.1 "$2"', ['port']),
  }
  const session = await openSession(defineCluster({ isolation: 'chroot', services }))
  onTestFinished(() => session.close())
  for (const name of Object.keys(services) as (keyof typeof services)[]) {
    const { log, restart } = await session.handle(name)
    await log.waitFor(/made/)
    await restart()
    await expect.poll(async () => (await log.text()).split('made').length).toBe(3)
  }
  expect(count(size)).toBe(0)
})

const CONNECT = `python3 -c '
import socket, sys
try: print(socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5).recv(9).decode().strip())
except OSError as error: print(error.strerror)' "$@"`

const noNetwork = await reason('boot', 'private')
const title = noNetwork ? `boot (skipped: ${noNetwork})` : 'boot'
test.skipIf(noNetwork)(
  `with network: 'private' the host's loopback cannot be reached: ${title}`,
  async () => {
    const server = createServer((socket) => socket.end('host\n'))
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const { one, session } = await opened('boot', 'private')
    onTestFinished(() => session.close())
    expect(await one(CONNECT, `${port}`)).toBe('Connection refused')
    expect(await one('cat /proc/net/route | wc -l')).toBe('1')
  },
)
