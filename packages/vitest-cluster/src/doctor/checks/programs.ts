import { type Check, missing, ok } from '../check.ts'
import { install, type Mend } from '../mend.ts'
import type { Need } from '../precondition.ts'
import { exists } from '../system.ts'
import { findTool, KEEPER, PRIVATE, type Tool } from '../tools.ts'

/** The systemd from which systemd-nspawn boots a tree for an ordinary user. */
const ROOTLESS_NSPAWN = 262
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
    const version = await systemdVersion()
    if (version === undefined || version < ROOTLESS_NSPAWN) {
      return missing(
        `systemd ${version ?? 'none'}: as an ordinary user from ${ROOTLESS_NSPAWN} on`,
        {
          all: [
            "# run as root, or use isolation: 'boot', which boots a tree without root on systemd 252",
          ],
        },
      )
    }
    const sockets = ['NamespaceResource', 'MountFileSystem'].map(
      (name) => `/run/systemd/io.systemd.${name}`,
    )
    const there = await Promise.all(sockets.map(exists))
    const absent = sockets.filter((_, index) => !there[index])
    if (absent.length === 0) return ok(`${path}, ${sockets.join(', ')}`)
    return missing(`no ${absent.join(', ')}`, {
      all: ['sudo systemctl enable --now systemd-nsresourced.socket systemd-mountfsd.socket'],
    })
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
  what: 'pasta(1) or slirp4netns(1), which reach into the network of a booted tree',
  names: ['pasta', 'slirp4netns'],
  debian: 'passt',
  fedora: 'passt',
  arch: 'passt',
}

export const PROGRAMS: readonly Check[] = [
  ...KEEPER.map((one) => tool(one, ['session'])),
  ...PRIVATE.map((one) => tool(one, ['private manager', 'isolation:range', 'isolation:boot'])),
  nspawn,
  tool(FORWARDER, ['own network']),
  mmdebstrap,
]
