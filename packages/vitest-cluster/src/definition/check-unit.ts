import { type Refuse, shown } from './refuse.ts'
import { a, also, type Check, flag, list, matching, object, oneOf, optional } from './schema.ts'
import type { ServiceDefinition } from './service.ts'
import type { UnitOptions } from './service-fields.ts'

/** A system call or a group of them, and the error that it returns (systemd.exec(5), SystemCallFilter=). */
const CALL = /^@?[a-z0-9_-]{1,64}(:(kill|E[A-Z0-9]{1,20}|\d{1,4}))?$/
const ERRNO_MAX = 4095

/**
 * systemd's groups of system calls (systemd.exec(5), SystemCallFilter=), each with a call that it has on every
 * architecture. systemd reports the calls of a filter, not its groups: a filter with this call has the group.
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

const COUNT = a<number>(
  'a whole number greater than 0',
  (value) => Number.isSafeInteger(value) && (value as number) > 0,
  'Give a whole number greater than 0, or leave it out for no limit.',
)
const SECONDS = a<number>(
  'a number of seconds, of 3600 at most',
  (value) => typeof value === 'number' && value >= 0 && value <= 3600,
  'Give seconds, as in a unit file: 0.1 is 100 ms.',
)
const DENY = "Write SystemCallDeny: ['setgroups:0', 'kexec_load:EPERM', '@mount']."

/** Checks the syntax of a denied call. apply/denied-calls.ts asks systemd whether the call exists. */
const CALL_DENIED: Check<string> = also(
  matching('a system call or a group of them', CALL, DENY),
  (call, place, refuse) => {
    const [name = '', errno = ''] = call.split(':')
    if (/^\d/.test(errno) && Number(errno) > ERRNO_MAX)
      refuse(
        `${place} is ${shown(call)}, which has too high an error number`,
        `Use an error number of at most ${ERRNO_MAX}.`,
      )
    if (name.startsWith('@') && !Object.hasOwn(SYSCALL_GROUPS, name)) {
      refuse(
        `${place} is ${shown(name)}, which is not a group of system calls`,
        `Use one of systemd's groups: ${Object.keys(SYSCALL_GROUPS).join(' ')}.`,
      )
    }
  },
)

const RESTART = [
  'no',
  'on-success',
  'on-failure',
  'on-abnormal',
  'on-watchdog',
  'on-abort',
  'always',
] as const

/** The unit options of a service. */
export const unit = object<UnitOptions>(
  {
    SystemCallDeny: optional(list(CALL_DENIED, DENY)),
    MemoryMax: optional(COUNT),
    TasksMax: optional(COUNT),
    LimitNOFILE: optional(COUNT),
    NotifyAccess: optional(oneOf(['main', 'exec', 'all'])),
    Restart: optional(oneOf(RESTART)),
    RestartSec: optional(SECONDS),
    StartLimitBurst: optional(COUNT),
    StartLimitIntervalSec: optional(SECONDS),
    WatchdogSec: optional(SECONDS),
    DynamicUser: optional(flag),
  },
  'Write unit: { MemoryMax: 2 ** 30 }, or a function that returns such an object.',
)

/** Checks the unit options against the service's other fields, and against each other. */
export function checkUnitTogether(
  unit: UnitOptions,
  { ready, needs }: Pick<ServiceDefinition, 'ready' | 'needs'>,
  refuse: Refuse,
): void {
  const { DynamicUser, Restart = 'no' } = unit
  if (DynamicUser && !needs?.includes('systemd')) {
    refuse(
      "has unit: { DynamicUser: true } without needs: ['systemd']",
      "Only a systemd inside the tree can create dynamic users: add needs: ['systemd'].",
    )
  }
  for (const option of ['RestartSec', 'StartLimitBurst', 'StartLimitIntervalSec'] as const) {
    if (Restart === 'no' && unit[option] !== undefined)
      refuse(`has unit.${option} without a restart policy`, "Add Restart: 'on-failure' to unit.")
  }
  if (ready === 'exited' && ['always', 'on-success'].includes(Restart)) {
    refuse(
      `has ready: 'exited' and unit.Restart: '${Restart}'`,
      "A one-off job that has succeeded is not run again: write Restart: 'on-failure'.",
    )
  }
  if (ready === 'exited' && unit.WatchdogSec !== undefined)
    refuse("has ready: 'exited' and unit.WatchdogSec", 'Use readyTimeout to limit a one-off job.')
}
