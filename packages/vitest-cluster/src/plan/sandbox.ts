import { confine } from '../isolation/confine.ts'
import { own } from '../own.ts'
import { SESSION } from '../root/accounts.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { environmentOf, unitVariables, withVariables } from './environment.ts'
import { sliceName } from './names.ts'
import { entersRoot, inOwnRoot } from './own-roots.ts'
import { rootOf, type SessionGround } from './session-plan.ts'
import { syslogMounts, withSyslog } from './syslog.ts'

export const STOP_TIMEOUT = 2_000

/** What a service and the programs that run beside it have in common. */
export interface Sandboxed {
  readonly service: string
  readonly user?: string | undefined
  readonly group?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly cwd?: string | undefined
  /** Whether it has the service's /dev/log. */
  readonly syslog?: boolean | undefined
}

export function sandbox(
  ground: SessionGround,
  { service, user = SESSION, group, env, cwd = `/srv/${service}`, syslog }: Sandboxed,
): UnitSettings {
  const { id, manager } = ground
  const enters = entersRoot(ground, service)
  const root = rootOf(ground, service)
  // libexec/in-root.sh changes to the account and the directory in the root, and mounts /dev/log
  const confined = confine({ ...ground, root }, enters ? 'root' : user, group)
  const environment = {
    ...(enters && accountVariables(ground, user)),
    ...unitVariables(environmentOf(service, env)),
  }
  return {
    Slice: sliceName(id),
    // Unloads units that have ended, also failed ones. A reference keeps them loaded while the run may ask how they ended
    CollectMode: 'inactive-or-failed',
    ...confined,
    ...(syslog && !enters && together(confined, syslogMounts(ground, service))),
    WorkingDirectory: enters ? '/' : cwd,
    Environment: environment,
    UnsetEnvironment: manager.hidden.filter((key) => !Object.hasOwn(environment, key)),
    UMask: 0o022,
  }
}

/** Settings with more mounts. */
function together({ BindPaths = [] }: UnitSettings, more: UnitSettings): UnitSettings {
  return { ...more, ...(more.BindPaths && { BindPaths: [...BindPaths, ...more.BindPaths] }) }
}

/** The variables that systemd sets for a unit with `User=` (systemd.exec(5)). */
function accountVariables({ accounts }: SessionGround, user: string) {
  const shell = own(accounts.users, user)?.shell ?? '/bin/sh'
  return { USER: user, LOGNAME: user, SHELL: shell }
}

/** A program of a service as a unit runs it: with its variables and /dev/log, in its root. */
export function execStart(
  argv: readonly string[],
  boxed: Sandboxed,
  ground: SessionGround,
): NonNullable<UnitSettings['ExecStart']> {
  const { service, user = SESSION, group, env, cwd = `/srv/${service}`, syslog } = boxed
  const program = withVariables(resolve(argv, service, ground), environmentOf(service, env))
  if (!entersRoot(ground, service)) return withSyslog(program, boxed, ground)
  return inOwnRoot(program, { service, user, group, cwd, syslog }, ground)
}

/** A bare program name becomes the tree's absolute path: systemd would look it up on the host. */
export function resolve(
  argv: readonly string[],
  service: string,
  ground: SessionGround,
): readonly string[] {
  const { programs } = rootOf(ground, service)
  const [program = '', ...rest] = argv
  return [own(programs, program) ?? program, ...rest]
}

export function denied(calls: readonly string[] | undefined): UnitSettings {
  return calls?.length ? { SystemCallFilter: { deny: calls } } : {}
}
