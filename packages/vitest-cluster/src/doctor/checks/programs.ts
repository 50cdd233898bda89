import { type Check, missing, ok } from '../check.ts'
import { install, type Mend } from '../mend.ts'
import type { Need } from '../precondition.ts'
import { findTool, KEEPER, PRIVATE, type Tool } from '../tools.ts'

const NSPAWN: Tool = {
  id: 'nspawn',
  what: 'systemd-nspawn(1), for isolation by it',
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
      `systemd ${(await systemdVersion()) ?? 'none'}: an ordinary user would need 262.1, systemd-nsresourced and an imported image, which no session has`,
      {
        all: [
          "# run as root, or use isolation: 'boot', which boots a tree without root on systemd 252",
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
    const one: Tool = { ...mmdebstrap, names: ['mmdebstrap'] }
    const path = await findTool(one, env)
    return path ? ok(path) : missing('no mmdebstrap in PATH', MMDEBSTRAP)
  },
}
const MMDEBSTRAP: Mend = {
  debian: ['sudo apt-get install --no-install-recommends mmdebstrap'],
  fedora: ['sudo dnf install mmdebstrap'],
  arch: ['# mmdebstrap is in the AUR: https://aur.archlinux.org/packages/mmdebstrap-git'],
}

const FORWARDER: Tool = {
  id: 'pasta',
  what: 'pasta(1), which forwards ports into the network of a booted tree',
  names: ['pasta'],
  debian: 'passt',
  fedora: 'passt',
  arch: 'passt',
}

const BRIDGE: Tool = {
  id: 'systemd-stdio-bridge',
  what: "systemd-stdio-bridge(1), the run's way into a user namespace",
  names: ['systemd-stdio-bridge'],
  debian: 'systemd',
  fedora: 'systemd',
  arch: 'systemd',
}
/** What has a manager of its own with many uids. */
const ISOLATED: readonly Need[] = ['isolation:range', 'isolation:boot', 'isolation:nspawn']

export const PROGRAMS: readonly Check[] = [
  ...KEEPER.map((one) => tool(one, ['session'])),
  ...PRIVATE.map((one) => tool(one, ['private manager', ...ISOLATED])),
  tool(BRIDGE, ISOLATED),
  nspawn,
  tool(FORWARDER, ['own network']),
  mmdebstrap,
]
