import { text } from '../machine/system.ts'
import { type Fix, install } from './fix.ts'

/** Settings for which the kernel may refuse namespaces. Undefined: this kernel has no such setting. */
export interface Restrictions {
  /** kernel.apparmor_restrict_unprivileged_userns: Ubuntu 23.10 and later. */
  readonly apparmor?: string | undefined
  /** kernel.unprivileged_userns_clone: Debian's kernels, and Arch's linux-hardened. */
  readonly clone?: string | undefined
  /** user.max_user_namespaces (namespaces(7)). */
  readonly max?: string | undefined
  /** The mode in /proc/self/status: 2 is a filter, such as that of a container. */
  readonly seccomp?: string | undefined
  /** Root's capabilities in hexadecimal (capabilities(7)): root of a container lacks CAP_SYS_ADMIN. */
  readonly capabilities?: string | undefined
}

/** The capability to create namespaces and mounts without a user namespace (linux/capability.h). */
const CAP_SYS_ADMIN = 1n << 21n

/** Reads the settings that restrict namespaces for this process. Those for ordinary users do not apply to root. */
export async function readRestrictions(root = false): Promise<Restrictions> {
  const setting = async (path: string) => (await text(`/proc/sys/${path}`))?.trim()
  const [apparmor, clone, max, status] = await Promise.all([
    setting('kernel/apparmor_restrict_unprivileged_userns'),
    setting('kernel/unprivileged_userns_clone'),
    setting('user/max_user_namespaces'),
    text('/proc/self/status'),
  ])
  const seccomp = statusField(status ?? '', 'Seccomp')
  if (root) return { seccomp, capabilities: statusField(status ?? '', 'CapEff') }
  return { apparmor, clone, max, seccomp }
}

/** A field of /proc/PID/status (proc(5)). */
export function statusField(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1]
}

/** Why a user namespace was refused, and how to allow it: the first setting that forbids it, else the container. */
export function obstacle(
  { apparmor, clone, max, seccomp, capabilities }: Restrictions,
  complaint: string,
): { readonly found: string; readonly fix: Fix } {
  if (/\bENOENT\b|: not found$/.test(complaint))
    return { found: `not tried: ${complaint}`, fix: install(TOOLS) }
  const because = (why: string, fix: Fix) => ({ found: `forbidden (${why}): ${complaint}`, fix })
  if (max === '0')
    return because('user.max_user_namespaces=0', setting('user.max_user_namespaces', '15000'))
  if (clone === '0')
    return because(
      'kernel.unprivileged_userns_clone=0',
      setting('kernel.unprivileged_userns_clone', '1'),
    )
  if (apparmor !== undefined && apparmor !== '0')
    return because(`kernel.${APPARMOR}=${apparmor}`, allowByAppArmor())
  if (/No space left/.test(complaint)) {
    return because('the limit of namespaces, or of their nesting, is reached', {
      all: ['# end the processes that use them (lsns -t user), or raise the limit:', ...raise],
    })
  }
  if (capabilities !== undefined && (BigInt(`0x${capabilities}`) & CAP_SYS_ADMIN) === 0n)
    return because('root has no CAP_SYS_ADMIN', { all: CONTAINER })
  const filter = seccomp === '2' ? 'a seccomp filter' : 'for an unknown reason'
  return because(filter, { all: CONTAINER })
}

/** The packages of the programs that a trial runs. */
const TOOLS = [
  { debian: 'util-linux', fedora: 'util-linux', arch: 'util-linux' },
  { debian: 'mount', fedora: 'util-linux', arch: 'util-linux' },
]
const APPARMOR = 'apparmor_restrict_unprivileged_userns'
const raise = ['sudo sysctl user.max_user_namespaces=100000']
/** The default filters of Docker and podman allow unshare(2) and mount(2) only with CAP_SYS_ADMIN. */
const CONTAINER = [
  '# start the container with --privileged, or with --cap-add=SYS_ADMIN',
  '#   --security-opt seccomp=unconfined --security-opt apparmor=unconfined',
]

/** The fix if AppArmor restricts user namespaces of unprivileged programs. */
export function allowByAppArmor(): Fix {
  return setting(`kernel.${APPARMOR}`, '0')
}

function setting(name: string, value: string): Fix {
  return {
    all: [
      `sudo sysctl ${name}=${value}`,
      `echo ${name}=${value} | sudo tee /etc/sysctl.d/60-vitest-cluster.conf`,
    ],
    // A container uses the kernel of its machine, and usually may not change its settings
    container: [`# on the machine that runs the container: sudo sysctl ${name}=${value}`],
  }
}
