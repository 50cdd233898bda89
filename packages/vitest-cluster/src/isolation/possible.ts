import { readFile } from 'node:fs/promises'
import type { IsolationName } from '../definition/cluster.ts'
import { findProgram } from '../tree/host.ts'
import { ISOLATIONS } from './isolation.ts'
import { subordinateCount } from './subordinate.ts'

/** Something that a machine lacks. */
export interface Obstacle {
  readonly message: string
  readonly mend: readonly string[]
}

/** Every uid but `nobody`: dynamic users of a booted tree have the highest (https://systemd.io/UIDS-GIDS). */
const ALL = 65_535

/** What keeps this machine from an isolation, as far as a look tells; whether it works is seen when it is used. */
export async function obstacle(
  isolation: IsolationName,
  network: 'host' | 'private' = 'host',
): Promise<Obstacle | undefined> {
  if (isolation === 'chroot') return undefined
  const root = process.getuid?.() === 0
  if (isolation === 'nspawn' && !root) {
    return {
      message:
        'systemd-nspawn of an ordinary user needs systemd 262.1 with systemd-nsresourced and an imported image',
      mend: ["Use isolation: 'boot', which boots the tree without root on systemd 252 and later."],
    }
  }
  const uids = root ? await ownRange() : await subordinate()
  if (uids) return uids
  if (ISOLATIONS[isolation].boots && !(await hasSystemd())) {
    return {
      message: 'the tree has no systemd (/usr/lib/systemd/systemd), so it cannot boot',
      mend: ["Install systemd in it; or use isolation: 'range', which needs none."],
    }
  }
  const programs = [
    ...BRIDGE,
    ...(isolation === 'nspawn' ? [NSPAWN] : []),
    ...(network === 'private' ? [PASTA] : []),
  ]
  for (const { name, debian, fedora, arch } of programs) {
    if (await findProgram(name)) continue
    return {
      message: `${name} is not installed`,
      mend: [
        `Debian, Ubuntu: sudo apt-get install --no-install-recommends ${debian}`,
        `Fedora:         sudo dnf install ${fedora}`,
        `Arch:           sudo pacman -S ${arch}`,
      ],
    }
  }
  return undefined
}

async function hasSystemd(): Promise<boolean> {
  const found = await Promise.all(
    ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'].map(findProgram),
  )
  return found.some((path) => path !== undefined)
}

const BRIDGE = [
  { name: 'systemd-stdio-bridge', debian: 'systemd', fedora: 'systemd', arch: 'systemd' },
  { name: 'dbus-daemon', debian: 'dbus-daemon', fedora: 'dbus-daemon', arch: 'dbus' },
]
const NSPAWN = {
  name: 'systemd-nspawn',
  debian: 'systemd-container',
  fedora: 'systemd-container',
  arch: 'systemd',
}

const PASTA = { name: 'pasta', debian: 'passt', fedora: 'passt', arch: 'passt' }

/** Root takes a range from the uids that no account has, unless it is root of a namespace that lacks them. */
async function ownRange(): Promise<Obstacle | undefined> {
  const map = await readFile('/proc/self/uid_map', 'utf8').catch(() => '')
  const [, , count] = map.trim().split(/\s+/)
  if (Number(count) > 1_879_048_191) return undefined
  return {
    message: `many uids need the machine's own range, and this root is one of a user namespace with ${count ?? 'few'} uids`,
    mend: [
      "Run on the machine itself, or in a container without user namespaces; or use isolation: 'chroot'.",
    ],
  }
}

async function subordinate(): Promise<Obstacle | undefined> {
  const user = process.getuid?.() ?? 0
  for (const name of ['newuidmap', 'newgidmap']) {
    if (await findProgram(name)) continue
    return {
      message: `${name} is not installed`,
      mend: [
        'Debian, Ubuntu: sudo apt-get install --no-install-recommends uidmap',
        'Fedora:         sudo dnf install shadow-utils',
        'Arch:           sudo pacman -S shadow',
      ],
    }
  }
  const count = await subordinateCount()
  if (count >= ALL) return undefined
  return {
    message:
      count === 0
        ? `/etc/subuid and /etc/subgid grant uid ${user} no subordinate ids`
        : `/etc/subuid and /etc/subgid grant uid ${user} only ${count} subordinate ids, and a tree has ${ALL}`,
    mend: [`sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$USER"`],
  }
}
