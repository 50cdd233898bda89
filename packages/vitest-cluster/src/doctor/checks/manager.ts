import { lstat } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { errnoOf } from '../../errors.ts'
import { exists } from '../../machine/system.ts'
import { managerSocket } from '../../machine/wanted.ts'
import { type Check, missing, ok, unneeded, warning } from '../check.ts'
import type { Fix } from '../fix.ts'
import type { Probe } from '../probe.ts'

const ROOT = 'root has a private manager for each session'

const runtimeDirectory: Check = {
  id: 'runtime-directory',
  what: 'XDG_RUNTIME_DIR, or /run/user/UID: the directory with the sockets of your manager',
  neededFor: ['user manager'],
  async check(probe) {
    if (probe.uid === 0) return unneeded(ROOT)
    const { runtime } = probe
    const trouble = await directoryTrouble(runtime, probe.uid)
    if (!trouble) return ok(runtime)
    return missing(trouble, (await otherRuntime(probe)) ?? (await ownRuntime(probe)))
  },
}

const userManager: Check = {
  id: 'user-manager',
  what: 'your systemd --user, which runs the services as units',
  neededFor: ['user manager'],
  async check(probe) {
    if (probe.uid === 0) return unneeded(ROOT)
    const socket = managerSocket(probe.runtime)
    if (await answers(socket)) return ok(`answers at ${socket}`)
    const found = `none runs for uid ${probe.uid} (${socket})`
    return missing(found, (await otherRuntime(probe)) ?? beginManager(probe))
  },
}

const userBus: Check = {
  id: 'user-bus',
  what: 'the D-Bus of your systemd, over which units are started',
  neededFor: ['user manager'],
  async check(probe) {
    if (probe.uid === 0) return unneeded(ROOT)
    const socket = join(probe.runtime, 'bus')
    if (await answers(socket)) return ok(`answers at ${socket}`)
    if (!(await exists(managerSocket(probe.runtime)))) return unneeded('no manager runs')
    return missing(`your systemd runs, but without a D-Bus (${socket})`, {
      debian: [
        'sudo apt-get install --no-install-recommends dbus-user-session',
        'systemctl --user start dbus.socket',
      ],
      fedora: ['sudo dnf install dbus-broker', 'systemctl --user start dbus.socket'],
      arch: ['sudo pacman -S dbus-broker-units', 'systemctl --user start dbus.socket'],
    })
  },
}

const linger: Check = {
  id: 'linger',
  what: 'lingering: your manager runs without a login, and continues after your last logout',
  neededFor: ['user manager'],
  async check(probe) {
    if (probe.wanted !== 'user') return unneeded('no user manager is used')
    if (await exists(join('/var/lib/systemd/linger', probe.user))) return ok('enabled')
    return warning('your manager ends at your last logout, and sessions end with it', {
      all: [`sudo loginctl enable-linger ${probe.user}`],
    })
  },
}

export const MANAGER: readonly Check[] = [runtimeDirectory, userManager, userBus, linger]

/** What is wrong with a runtime directory; undefined if this user owns it. */
async function directoryTrouble(path: string, uid: number): Promise<string | undefined> {
  try {
    const stat = await lstat(path)
    if (!stat.isDirectory()) return `${path} is not a directory`
    return stat.uid === uid ? undefined : `${path} belongs to uid ${stat.uid}`
  } catch (error) {
    return errnoOf(error) === 'EACCES' ? `you may not enter ${path}` : `${path} does not exist`
  }
}

/** The fix if the manager runs and XDG_RUNTIME_DIR names another directory. */
async function otherRuntime({ runtime, uid }: Probe): Promise<Fix | undefined> {
  const usual = `/run/user/${uid}`
  if (runtime === usual || !(await answers(managerSocket(usual)))) return undefined
  return { all: [`export XDG_RUNTIME_DIR=${usual}`] }
}

/** The fix if something other than logind created the directory. */
async function ownRuntime(probe: Probe): Promise<Fix> {
  const { booted, runtime, uid } = probe
  if (!booted || runtime !== `/run/user/${uid}` || !(await exists(runtime)))
    return beginManager(probe)
  return { all: [`sudo systemctl restart user-runtime-dir@${uid} user@${uid}`] }
}

/** How a user gets a manager, on a machine that can have one. */
function beginManager({ user, uid, runtime, booted }: Probe): Fix {
  if (!booted) {
    return {
      all: [
        '# systemd is not PID 1 on this machine, so there are no user managers. Run as root,',
        '# or with a control group of your own (see cgroup-delegation)',
      ],
    }
  }
  const usual = `/run/user/${uid}`
  const variable = runtime === usual ? [] : [`export XDG_RUNTIME_DIR=${usual}`]
  return { all: [`sudo loginctl enable-linger ${user}`, ...variable] }
}

/** Whether a process accepts connections at a socket. Resolves within a second. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path, timeout: 1_000 })
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
    socket.once('timeout', () => settle(false))
  })
}
