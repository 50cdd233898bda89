import { text } from '../machine/system.ts'
import { type Fix, install } from './fix.ts'

/** What is known of why the kernel would refuse namespaces. Undefined: this kernel has no such switch. */
export interface Restrictions {
  /** kernel.apparmor_restrict_unprivileged_userns: Ubuntu 23.10 and later. */
  readonly apparmor?: string | undefined
  /** kernel.unprivileged_userns_clone: Debian's kernels, and Arch's linux-hardened. */
  readonly clone?: string | undefined
  /** user.max_user_namespaces (namespaces(7)). */
  readonly max?: string | undefined
  /** The mode in /proc/self/status: 2 is a filter, as containers have. */
  readonly seccomp?: string | undefined
  /** What root may, in hexadecimal (capabilities(7)): root of a container has not CAP_SYS_ADMIN. */
  readonly capabilities?: string | undefined
}

/** The capability by which namespaces and mounts are made without a user namespace (linux/capability.h). */
const CAP_SYS_ADMIN = 1n << 21n

/** What restricts this process in making namespaces; root is not restricted by what is for others. */
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

/** Why a user namespace was refused, and what allows it: the first switch that is off, else the container. */
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
    return because('as many or as deeply nested as may be', {
      all: ['# end what holds them (lsns -t user), or let there be more:', ...raise],
    })
  }
  if (capabilities !== undefined && (BigInt(`0x${capabilities}`) & CAP_SYS_ADMIN) === 0n)
    return because('root has no CAP_SYS_ADMIN', { all: CONTAINER })
  const filter = seccomp === '2' ? 'a seccomp filter' : 'nothing says why'
  return because(filter, { all: CONTAINER })
}

/** What a trial runs. */
const TOOLS = [
  { debian: 'util-linux', fedora: 'util-linux', arch: 'util-linux' },
  { debian: 'mount', fedora: 'util-linux', arch: 'util-linux' },
]
const APPARMOR = 'apparmor_restrict_unprivileged_userns'
const raise = ['sudo sysctl user.max_user_namespaces=100000']
/** Docker's and podman's default filters let only CAP_SYS_ADMIN call unshare(2) and mount(2). */
const CONTAINER = [
  '# start the container with --privileged, or with --cap-add=SYS_ADMIN',
  '#   --security-opt seccomp=unconfined --security-opt apparmor=unconfined',
]

/** What lets unprivileged programs use user namespaces where AppArmor restricts them. */
export function allowByAppArmor(): Fix {
  return setting(`kernel.${APPARMOR}`, '0')
}

function setting(name: string, value: string): Fix {
  return {
    all: [
      `sudo sysctl ${name}=${value}`,
      `echo ${name}=${value} | sudo tee /etc/sysctl.d/60-vitest-cluster.conf`,
    ],
    // A container has its machine's kernel, and mostly may not change it
    container: [`# on the machine that runs the container: sudo sysctl ${name}=${value}`],
  }
}
