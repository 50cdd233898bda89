import { ISOLATIONS } from '../isolation/isolation.ts'
import { own } from '../own.ts'
import { entersRoot } from '../plan/own-roots.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { SESSION } from '../root/accounts.ts'

/** The command that enters the namespaces of a process, as the service's account. */
export function enterCommand(pid: number, service: string, plan: SessionPlan): string[] {
  const { isolation, accounts, owner, services } = plan
  const enter = ['nsenter', '--target', `${pid}`, '--mount', '--root', '--wd']
  if (accounts.uids === 'many') {
    const { user = SESSION } = own(services, service) ?? {}
    const { uid = 0, gid = 0, groups = [] } = own(accounts.users, user) ?? {}
    const others = groups.length > 0 ? ['--groups', groups.join(',')] : ['--clear-groups']
    return [
      ...enter,
      ...(ISOLATIONS[isolation].boots ? ['--pid', '--cgroup', '--ipc'] : []),
      ...(ISOLATIONS[isolation].boots || entersRoot(plan, service) ? ['--uts'] : []),
      ...['--user', '--setuid', '0', '--setgid', '0', '--'],
      ...['setpriv', '--reuid', `${uid}`, '--regid', `${gid}`, ...others],
    ]
  }
  // Root changes to the services' uid. An ordinary user has that uid already, and owns the user namespace
  const drop = ['setpriv', '--reuid', `${owner.uid}`, '--regid', `${owner.gid}`, '--clear-groups']
  return process.getuid?.() === 0
    ? [...enter, '--', ...drop, 'setpriv', '--no-new-privs']
    : [...enter, '--user', '--preserve-credentials', '--', 'setpriv', '--no-new-privs']
}
