import { join } from 'node:path'
import { TREE_LIBEXEC } from '../libexec.ts'
import { own } from '../own.ts'
import { SESSION } from '../root/accounts.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { script } from './environment.ts'
import { rootOf, type SessionGround } from './session-plan.ts'

/** Where /dev/log leads: a link, which systemd makes in the /dev of a unit with PrivateDevices=. */
export const JOURNAL = '/run/systemd/journal'
const SCRIPT = ['/bin/sh', `${TREE_LIBEXEC}/with-syslog.sh`] as const

/** Waits until all messages of a service are in its log: for `ExecStopPost=` of the service. */
export function flushSyslog(service: string): readonly string[] {
  return syslogProgram('flush', service)
}

/** What the listener runs. */
export function syslogProgram(how: 'listen' | 'flush', service: string): readonly string[] {
  const listener = [`${TREE_LIBEXEC}/syslog.pl`, how, syslogDirectory(service)]
  return script(service, ['-c', 'exec perl "$@"', 'perl', ...listener], {})
}

/** The directory of the socket of a service, in the tree. */
export function syslogDirectory(service: string): string {
  return `/run/vitest-cluster-syslog/${service}`
}

/** The settings of a unit whose program is run by {@link withSyslog}. Pure. */
export function syslogMounts(ground: SessionGround, service: string): UnitSettings {
  const { isolation } = ground
  const place = syslogDirectory(service)
  if (isolation === 'range') return {}
  if (isolation !== 'chroot') return { BindPaths: [[place, JOURNAL]] }
  // The socket, without what is mounted below it: systemd 257 and later mount the host's socket there (BindLogSockets=)
  // unless there is a mount of the same kind
  const socket = join(rootOf(ground, service).directory, place, 'dev-log')
  return { PrivateDevices: true, BindPaths: [[socket, `${JOURNAL}/dev-log`, 'norbind']] }
}

/** A program and its account. */
interface Runs {
  readonly service: string
  readonly user?: string | undefined
  readonly group?: string | undefined
  readonly syslog?: boolean | undefined
}

/** The command of a program that has the /dev/log of a service, in a unit with {@link syslogMounts}. Pure. */
export function withSyslog(
  argv: readonly string[],
  { service, user = SESSION, group, syslog }: Runs,
  { isolation, accounts: { users, groups } }: SessionGround,
): NonNullable<UnitSettings['ExecStart']> {
  if (!syslog || isolation !== 'range') return argv
  const { uid = 0, gid = 0, groups: others = [] } = own(users, user) ?? {}
  const ids = [uid, group === undefined ? gid : (own(groups, group) ?? gid), others.join(',')]
  return { prefix: '!', argv: [...SCRIPT, syslogDirectory(service), ...ids.map(String), ...argv] }
}

/** Undoes {@link withSyslog}: returns the program and its arguments. */
export function withoutSyslog(argv: readonly string[]): readonly string[] {
  return argv[1] === SCRIPT[1] ? argv.slice(6) : argv
}
