import { type Refuse, shown } from './refuse.ts'
import type { UnitOptions } from './service.ts'
import { isPlain } from './words.ts'

const LIMITS = ['MemoryMax', 'TasksMax', 'LimitNOFILE'] as const
const ACCESS = ['main', 'exec', 'all']
const FIELDS = ['SystemCallDeny', ...LIMITS, 'NotifyAccess', 'DynamicUser']
/** A system call or a group of them, and what it fails with (systemd.exec(5), SystemCallFilter=). */
const CALL = /^@?[a-z0-9_-]{1,64}(:(kill|E[A-Z0-9]{1,20}|\d{1,4}))?$/
const ERRNO_MAX = 4095

/**
 * systemd's groups of system calls (systemd.exec(5), SystemCallFilter=), each with a call that it has on every
 * architecture. systemd says of a filter which calls it has, not which groups: by this call a group is known to be there.
 */
export const SYSCALL_GROUPS: Readonly<Record<string, string>> = {
  '@aio': 'io_submit',
  '@basic-io': 'pread64',
  '@chown': 'fchownat',
  '@clock': 'clock_settime',
  '@cpu-emulation': 'modify_ldt',
  '@debug': 'ptrace',
  '@default': 'execve',
  '@file-system': 'openat',
  '@io-event': 'ppoll',
  '@ipc': 'memfd_create',
  '@keyring': 'keyctl',
  '@known': 'getpid',
  '@memlock': 'mlock',
  '@module': 'init_module',
  '@mount': 'mount',
  '@network-io': 'sendmsg',
  '@obsolete': 'uselib',
  '@pkey': 'pkey_alloc',
  '@privileged': 'chroot',
  '@process': 'clone',
  '@raw-io': 'iopl',
  '@reboot': 'reboot',
  '@resources': 'setpriority',
  '@sandbox': 'seccomp',
  '@setuid': 'setuid',
  '@signal': 'rt_sigaction',
  '@swap': 'swapon',
  '@sync': 'fsync',
  '@system-service': 'openat',
  '@timer': 'timer_create',
}

/** Checks what a service says of its unit. */
export function checkedUnit(unit: unknown, refuse: Refuse): UnitOptions {
  if (!isPlain(unit)) {
    return refuse(
      `has unit: ${shown(unit)}`,
      'Write unit: { MemoryMax: 2 ** 30 }, or a function that returns such an object.',
    )
  }
  const unknown = Object.keys(unit).find((key) => !FIELDS.includes(key))
  if (unknown !== undefined)
    refuse(`has unit with ${shown(unknown)}, which is not taken`, `There are ${FIELDS.join(', ')}.`)
  for (const name of LIMITS) {
    const value = unit[name]
    if (value === undefined || (Number.isSafeInteger(value) && (value as number) > 0)) continue
    refuse(
      `has unit: { ${name}: ${shown(value)} }`,
      'Give a whole number greater than 0, or leave it out for no limit.',
    )
  }
  const { NotifyAccess, DynamicUser, SystemCallDeny } = unit
  if (NotifyAccess !== undefined && !ACCESS.includes(NotifyAccess as string)) {
    refuse(
      `has unit: { NotifyAccess: ${shown(NotifyAccess)} }`,
      `Use one of ${ACCESS.map((word) => `'${word}'`).join(', ')}.`,
    )
  }
  if (DynamicUser !== undefined && typeof DynamicUser !== 'boolean')
    refuse(`has unit: { DynamicUser: ${shown(DynamicUser)} }`, 'Write true, or leave it out.')
  if (SystemCallDeny !== undefined) checkCalls(SystemCallDeny, refuse)
  return unit as UnitOptions
}

/** Checks how the list is written. Which calls there are is for the machine to say: apply/start.ts asks it. */
function checkCalls(calls: unknown, refuse: Refuse): void {
  const fix = "Write SystemCallDeny: ['setgroups:0', 'kexec_load:EPERM', '@mount']."
  if (!Array.isArray(calls)) refuse(`has unit: { SystemCallDeny: ${shown(calls)} }`, fix)
  for (const call of calls as unknown[]) {
    if (typeof call !== 'string' || !CALL.test(call))
      throw refuse(`denies the system call ${shown(call)}`, fix)
    const [name = '', errno = ''] = call.split(':')
    if (/^\d/.test(errno) && Number(errno) > ERRNO_MAX)
      refuse(`denies the system call ${shown(call)}`, `Error numbers end at ${ERRNO_MAX}.`)
    if (name.startsWith('@') && !Object.hasOwn(SYSCALL_GROUPS, name)) {
      refuse(
        `denies ${shown(name)}, which is no group of system calls`,
        `systemd has ${Object.keys(SYSCALL_GROUPS).join(' ')}.`,
      )
    }
  }
}
