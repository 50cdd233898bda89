import { checkExec } from '../definition/check-exec.ts'
import type { ExecOptions } from '../definition/exec.ts'
import { execAccount } from '../exec/account.ts'
import { ISOLATIONS } from '../isolation/isolation.ts'
import { own } from '../own.ts'
import { environmentOf } from '../plan/environment.ts'
import { entersRoot } from '../plan/own-roots.ts'
import { planIdle } from '../plan/program.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { programsOf } from './programs.ts'

/** Options of a program that enters a service's tree. */
export type EnterOptions = Pick<ExecOptions, 'user' | 'group' | 'cwd' | 'env'>

/** How a program of the host's terminal enters a service's tree: into the namespaces of an idle process. */
export interface Entry {
  readonly service: string
  readonly cwd: string | undefined
  /** The unit of the idle process. */
  readonly idle: UnitSettings
  /** The words before the program. @param pid the idle process */
  command(pid: number): readonly string[]
}

/** @throws ClusterError `EXEC_FAILED` for invalid options */
export function planEntry(plan: SessionPlan, service: string, options: EnterOptions): Entry {
  checkExec(service, ['true'], options)
  const planned = programsOf(plan, service)
  const { env: home, ...account } = execAccount(plan, planned, options)
  const { deny, syslog } = planned
  const { cwd = planned.cwd } = options
  const env = {
    TERM: process.env['TERM'] ?? 'dumb',
    PS1: `${service}$ `,
    ...environmentOf(service, { ...home, ...planned.env, ...options.env }),
  }
  return {
    service,
    cwd,
    idle: planIdle(service, { deny, syslog, ...account, cwd }, plan),
    command: (pid) => [
      ...enterCommand(pid, service, account, plan),
      ...['env', '-i', '--'],
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ],
  }
}

/** The command that enters the namespaces of a process, as an account. */
function enterCommand(
  pid: number,
  service: string,
  { user, group }: { readonly user: string; readonly group: string | undefined },
  plan: SessionPlan,
): string[] {
  const { isolation, accounts, owner } = plan
  const enter = ['nsenter', '--target', `${pid}`, '--mount', '--root', '--wd']
  if (accounts.uids === 'many') {
    const { uid = 0, gid = 0, groups = [] } = own(accounts.users, user) ?? {}
    const first = group === undefined ? gid : (own(accounts.groups, group) ?? gid)
    const others = groups.length > 0 ? ['--groups', groups.join(',')] : ['--clear-groups']
    return [
      ...enter,
      ...(ISOLATIONS[isolation].boots ? ['--pid', '--cgroup', '--ipc'] : []),
      ...(ISOLATIONS[isolation].boots || entersRoot(plan, service) ? ['--uts'] : []),
      ...['--user', '--setuid', '0', '--setgid', '0', '--'],
      ...['setpriv', '--reuid', `${uid}`, '--regid', `${first}`, ...others],
    ]
  }
  // Root changes to the services' uid. An ordinary user has that uid already, and owns the user namespace
  const drop = ['setpriv', '--reuid', `${owner.uid}`, '--regid', `${owner.gid}`, '--clear-groups']
  return process.getuid?.() === 0
    ? [...enter, '--', ...drop, 'setpriv', '--no-new-privs']
    : [...enter, '--user', '--preserve-credentials', '--', 'setpriv', '--no-new-privs']
}
