import { access } from 'node:fs/promises'
import { ClusterError } from '../errors.ts'
import { isDelegated, ownCgroup } from '../systemd/cgroup.ts'
import { findProgram, TREE_LIBEXEC } from '../tree/host.ts'

/** Which manager a session's units run under, and as whom. */
export type ManagerChoice =
  | { readonly kind: 'user'; readonly address: string }
  | { readonly kind: 'private'; readonly cgroup: string }

/** What a session's keeper needs, and what a private manager needs besides, with the packages that have it. */
const KEEPER = [{ name: 'flock', debian: 'util-linux', fedora: 'util-linux' }]
const PRIVATE = [
  ...KEEPER,
  { name: '/usr/lib/systemd/systemd', debian: 'systemd', fedora: 'systemd' },
  { name: 'dbus-daemon', debian: 'dbus-daemon', fedora: 'dbus-daemon' },
  { name: 'unshare', debian: 'util-linux', fedora: 'util-linux' },
  { name: 'setpriv', debian: 'util-linux', fedora: 'util-linux' },
]

/**
 * Chooses the manager: the user's own where it runs, else a private one.
 * Root always gets a private one, so that no service runs as root (owner.ts).
 * For an ordinary user `VITEST_CLUSTER_MANAGER=private` or `user` in the environment decides otherwise.
 * @throws ClusterError `NESTED_SESSION`, `NO_MANAGER` with what is missing and the command that mends it
 */
export async function selectManager(env = process.env): Promise<ManagerChoice> {
  const wish = env['VITEST_CLUSTER_MANAGER']
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  if (await exists(`${TREE_LIBEXEC}/own.sh`)) throw nested()
  if (uid === 0) return { kind: 'private', cgroup: await rootCgroup() }
  const runtime = env['XDG_RUNTIME_DIR'] ?? `/run/user/${uid}`
  if (wish !== 'private' && (await exists(`${runtime}/systemd/private`))) {
    await checkPrograms(KEEPER)
    if (await exists(`${runtime}/bus`)) return { kind: 'user', address: `unix:path=${runtime}/bus` }
    throw noManager(`your systemd runs, but without a D-Bus (${runtime}/bus)`, [
      'Debian, Ubuntu: sudo apt-get install dbus-user-session, then log in again',
      'Fedora:         systemctl --user enable --now dbus-broker.socket',
    ])
  }
  if (wish === 'user') {
    throw noManager(`VITEST_CLUSTER_MANAGER=user, but none runs for uid ${uid}`, [
      `sudo loginctl enable-linger ${uid}, and XDG_RUNTIME_DIR=/run/user/${uid}`,
    ])
  }
  await checkPrograms(PRIVATE)
  const cgroup = await ownCgroup()
  if (cgroup && (await isDelegated(cgroup))) return { kind: 'private', cgroup }
  throw noManager(
    `no systemd user manager runs for uid ${uid}, and a private one needs a cgroup2 directory that you own (yours: ${cgroup ?? 'none'})`,
    [
      `on a machine with systemd: sudo loginctl enable-linger ${uid}, and log in again`,
      'in a container: run as root, or let root give you a cgroup of your own:',
      ...delegation(cgroup, uid, gid),
    ],
  )
}

async function rootCgroup(): Promise<string> {
  await checkPrograms(PRIVATE)
  const cgroup = await ownCgroup()
  if (cgroup && (await isDelegated(cgroup))) return cgroup
  throw noManager(cgroup ? `cgroup2 is read-only here (${cgroup})` : 'no cgroup2 is mounted here', [
    'in a container: start it with --privileged, or with --cgroupns=private and --cap-add=SYS_ADMIN',
    'elsewhere: mount -t cgroup2 cgroup2 /sys/fs/cgroup',
  ])
}

function delegation(cgroup: string | undefined, uid: number, gid: number): string[] {
  const own = `${cgroup && cgroup !== '/' ? cgroup.replace(/\/$/, '') : '/sys/fs/cgroup'}/user-${uid}`
  return [
    `  mkdir ${own} && chown ${uid}:${gid} ${own} ${own}/cgroup.procs`,
    `  echo $PID_OF_YOUR_SHELL > ${own}/cgroup.procs`,
  ]
}

async function checkPrograms(needed: typeof PRIVATE): Promise<void> {
  const missing: typeof PRIVATE = []
  for (const program of needed) {
    const old = program.name.replace(/^\/usr/, '')
    if (!(await findProgram(program.name)) && !(await findProgram(old))) missing.push(program)
  }
  if (missing.length === 0) return
  const packages = (key: 'debian' | 'fedora') =>
    [...new Set(missing.map((program) => program[key]))].join(' ')
  throw noManager(`a session needs ${missing.map(({ name }) => name).join(', ')}`, [
    `Debian, Ubuntu: sudo apt-get install --no-install-recommends ${packages('debian')}`,
    `Fedora:         sudo dnf install ${packages('fedora')}`,
  ])
}

/** A tree shows neither the host's manager nor its control groups, and what ends the outer session would not end the inner. */
function nested(): ClusterError {
  return new ClusterError({
    code: 'NESTED_SESSION',
    message: `this process runs in the tree of another session (${TREE_LIBEXEC} is there)`,
    mend: 'Open the session on the host; its handles can be used in the tree, by their ports.',
  })
}

function noManager(message: string, mend: readonly string[]): ClusterError {
  return new ClusterError({ code: 'NO_MANAGER', message, mend: mend.join('\n') })
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
