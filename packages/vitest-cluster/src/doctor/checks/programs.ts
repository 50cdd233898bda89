import { stat } from 'node:fs/promises'
import { findTool, KEEPER, PRIVATE, type Tool } from '../../machine/tools.ts'
import { type Check, missing, ok } from '../check.ts'
import { type Fix, install } from '../fix.ts'
import type { Need } from '../precondition.ts'

const NSPAWN: Tool = {
  id: 'nspawn',
  what: "systemd-nspawn(1), for isolation: 'nspawn'",
  names: ['systemd-nspawn'],
  debian: 'systemd-container',
  fedora: 'systemd-container',
  arch: 'systemd',
}

function tool(one: Tool, neededFor: readonly Need[]): Check {
  const { id, what } = one
  return {
    id,
    what,
    neededFor,
    async check({ env }) {
      const path = await findTool(one, env)
      return path ? ok(path) : missing(`no ${one.names[0]?.replace(/^.*\//, '')}`, install([one]))
    },
  }
}

const nspawn: Check = {
  ...NSPAWN,
  neededFor: ['isolation:nspawn'],
  async check({ env, uid, systemdVersion }) {
    const path = await findTool(NSPAWN, env)
    if (!path) return missing('no systemd-nspawn in PATH', install([NSPAWN]))
    if (uid === 0) return ok(path)
    return missing(
      `systemd ${(await systemdVersion()) ?? 'none'}: for an ordinary user it needs systemd 262.1, systemd-nsresourced and an imported image, which sessions do not use`,
      {
        all: [
          "# run as root, or use isolation: 'boot', which boots a tree as an ordinary user on systemd 252",
        ],
      },
    )
  },
}

const mmdebstrap: Check = {
  id: 'mmdebstrap',
  what: 'mmdebstrap(1), which makes trees of Debian and Ubuntu',
  neededFor: ['trees'],
  async check({ env }) {
    const path = await findTool({ names: ['mmdebstrap'] }, env)
    return path ? ok(path) : missing('no mmdebstrap in PATH', MMDEBSTRAP)
  },
}
const MMDEBSTRAP: Fix = {
  debian: ['sudo apt-get install --no-install-recommends mmdebstrap'],
  fedora: ['sudo dnf install mmdebstrap'],
  arch: ['# mmdebstrap is in the AUR, as mmdebstrap-git'],
}

const FORWARDER: Tool = {
  id: 'pasta',
  what: 'pasta(1), which forwards ports into the network of a booted tree',
  names: ['pasta'],
  debian: 'passt',
  fedora: 'passt',
  arch: 'passt',
}

const TUN = '/dev/net/tun'

const tun: Check = {
  id: 'tun-device',
  what: `${TUN}, with which pasta(1) connects to the network of a booted tree`,
  neededFor: ['own network'],
  async check() {
    const found = await stat(TUN).catch(() => undefined)
    if (!found) return missing(`no ${TUN}`, NO_TUN)
    // A uid of the tree opens it, so root's permissions do not help
    if ((found.mode & 0o006) === 0o006) return ok(TUN)
    const mode = (found.mode & 0o777).toString(8).padStart(4, '0')
    return missing(`other users may not use ${TUN}: its mode is ${mode}, not 0666`, CLOSED_TUN)
  },
}
const NO_TUN: Fix = {
  all: ['sudo modprobe tun'],
  container: ['# start the container with --device /dev/net/tun'],
}
// udev gives it this mode (50-udev-default.rules)
const CLOSED_TUN: Fix = { all: ['sudo chmod 0666 /dev/net/tun'] }

const BRIDGE: Tool = {
  id: 'systemd-stdio-bridge',
  what: 'systemd-stdio-bridge(1), which connects the run to a manager in a user namespace',
  names: ['systemd-stdio-bridge'],
  debian: 'systemd',
  fedora: 'systemd',
  arch: 'systemd',
}
/** The isolations with a manager of their own and many uids. */
const ISOLATED: readonly Need[] = ['isolation:range', 'isolation:boot', 'isolation:nspawn']

export const PROGRAMS: readonly Check[] = [
  ...KEEPER.map((one) => tool(one, ['session'])),
  ...PRIVATE.map((one) => tool(one, ['private manager', ...ISOLATED])),
  tool(BRIDGE, ISOLATED),
  nspawn,
  tool(FORWARDER, ['own network']),
  tun,
  mmdebstrap,
]
