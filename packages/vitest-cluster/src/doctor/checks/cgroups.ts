import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from '../../machine/system.ts'
import { isDelegated, parseOwnCgroup } from '../../systemd/cgroup.ts'
import { type Check, type Finding, missing, ok, unneeded, warning } from '../check.ts'
import type { Fix } from '../fix.ts'
import type { Probe } from '../probe.ts'

/** The controllers that enforce `MemoryMax` and `TasksMax`. */
const CONTROLLERS = ['memory', 'pids']

const cgroup2: Check = {
  id: 'cgroup2',
  what: 'a mounted cgroup2, in which systemd tracks the processes of a unit',
  neededFor: ['session'],
  async check({ cgroup }) {
    if (cgroup) return ok(cgroup)
    return missing('none is mounted', {
      all: ['sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup'],
      container: CONTAINER,
    })
  },
}

const delegation: Check = {
  id: 'cgroup-delegation',
  what: 'a cgroup2 directory that you own, for the groups of a private manager',
  neededFor: ['private manager'],
  async check(probe) {
    const { cgroup } = probe
    if (!cgroup) return missing('no cgroup2 is mounted', delegate(probe))
    if (await isDelegated(cgroup)) return ok(`you own ${cgroup}`)
    return missing(await notYours(cgroup), delegate(probe))
  },
}

const controllers: Check = {
  id: 'cgroup-controllers',
  what: 'the controllers that enforce MemoryMax and TasksMax of a service',
  neededFor: ['limits'],
  async check(probe) {
    const file = await controllersFile(probe)
    if (!file) return unneeded('there is no manager to enforce limits')
    return judgeControllers(file, await text(file), probe.wanted === 'user')
  },
}

/** Whether limits are enforced with these controllers of a group. */
export function judgeControllers(file: string, content: string | undefined, own: boolean): Finding {
  const there = content?.trim().split(/\s+/).filter(Boolean) ?? []
  const lacking = CONTROLLERS.filter((name) => !there.includes(name))
  if (lacking.length === 0) return ok(there.join(' '))
  const found = `${file} lacks ${lacking.join(' and ')}: limits are accepted, but not enforced`
  const enable = `echo ${lacking.map((name) => `+${name}`).join(' ')} | sudo tee ${file}`
  return warning(found, {
    all: own
      ? [
          'sudo mkdir -p /etc/systemd/system/user@.service.d',
          "printf '[Service]\\nDelegate=memory pids cpu\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf",
          'sudo systemctl daemon-reload',
          '# then log out and in again; on a machine with cgroup v1 also boot with systemd.unified_cgroup_hierarchy=1',
        ]
      : [
          enable,
          '# if this fails, the controllers are on cgroup v1, or the group contains a process',
        ],
  })
}

export const CGROUPS: readonly Check[] = [cgroup2, delegation, controllers]

const CONTAINER = [
  '# start the container with --privileged, or with --cgroupns=private --cap-add=SYS_ADMIN',
]

/** The file with the controllers of a unit's group: user@.service delegates to your manager, this group to a private one. */
async function controllersFile({ wanted, uid, cgroup }: Probe): Promise<string | undefined> {
  if (wanted === 'private') return cgroup && join(cgroup, 'cgroup.subtree_control')
  if (wanted === undefined) return undefined
  const group = `0::/user.slice/user-${uid}.slice/user@${uid}.service`
  const own = parseOwnCgroup(group, (await text('/proc/self/mountinfo')) ?? '')
  return own && join(own, 'cgroup.controllers')
}

async function notYours(cgroup: string): Promise<string> {
  const me = process.getuid?.()
  for (const path of [cgroup, join(cgroup, 'cgroup.procs')]) {
    const owner = await stat(path).catch(() => undefined)
    if (owner && owner.uid !== me && me !== 0) return `${path} belongs to uid ${owner.uid}`
  }
  return `${cgroup} is read-only`
}

/** How root delegates a group, so that a user can run a private manager in it. */
function delegate({ uid, gid, cgroup }: Probe): Fix {
  if (uid === 0) return { all: ['mount -o remount,rw,bind /sys/fs/cgroup'], container: CONTAINER }
  const parent = cgroup && cgroup !== '/' ? cgroup.replace(/\/$/, '') : '/sys/fs/cgroup'
  const own = `${parent}/user-${uid}`
  const files = ['', '/cgroup.procs', '/cgroup.subtree_control', '/cgroup.threads']
  return {
    all: [
      '# run as root, or get a control group of your own from root:',
      `sudo mkdir ${own}`,
      `sudo chown ${uid}:${gid} ${files.map((file) => `${own}${file}`).join(' ')}`,
      `echo $$ | sudo tee ${own}/cgroup.procs`,
    ],
  }
}
