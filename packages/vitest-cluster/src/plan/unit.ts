import { join } from 'node:path'
import { command as checkedCommand } from '../definition/check-command.ts'
import { dependencyNames } from '../definition/dependencies.ts'
import { refuseFor } from '../definition/refuse.ts'
import type { ServiceDefinition } from '../definition/service.ts'
import type { ServiceContext } from '../definition/service-context.ts'
import type { UnitOptions } from '../definition/service-fields.ts'
import { seenByManager, TREE_LOGS } from '../isolation/confine.ts'
import { TREE_LIBEXEC } from '../libexec.ts'
import { SESSION } from '../root/accounts.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { environmentOf, script, withAllVariables } from './environment.ts'
import { copyLast } from './log-files.ts'
import { logFilesUnit, ownershipUnit, syslogUnit, unitName } from './names.ts'
import { entersRoot, inOwnRoot } from './own-roots.ts'
import { logName } from './paths.ts'
import { restartSettings } from './restart-policy.ts'
import { denied, execStart, resolve, STOP_TIMEOUT, sandbox } from './sandbox.ts'
import type { ServicePlan, SessionGround, UnitPlan } from './session-plan.ts'
import { flushSyslog } from './syslog.ts'

export const READY_TIMEOUT = 30_000

/** The results of a definition's functions in this session. */
export interface Evaluated {
  readonly context: ServiceContext
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly options: UnitOptions
  /** The paths of its log files in the tree. */
  readonly logFiles: readonly string[]
}

/** Calls the functions of a definition that its unit depends on: once, so that all uses have the same results. */
export function evaluated(definition: ServiceDefinition, context: ServiceContext): Evaluated {
  const { unit = {}, env, command, logFiles = [] } = definition
  return {
    context,
    command: checkedCommand(command(context), 'command()', refuseFor(context.name)),
    env: env?.(context) ?? {},
    options: typeof unit === 'function' ? unit(context) : unit,
    logFiles: typeof logFiles === 'function' ? logFiles(context) : logFiles,
  }
}

/** The transient unit of a service. Pure; systemd.exec(5) and systemd.service(5) say what each setting does. */
export function planUnit(
  definition: ServiceDefinition,
  { context, command, env, options, logFiles }: Evaluated,
  ground: SessionGround,
): UnitPlan {
  const { id } = ground
  const { name } = context
  const log = join(seenByManager(ground).logs, logName(name))
  const dependencies = dependencyNames(definition.dependsOn).map((other) => unitName(id, other))
  if (context.uids === 'many') dependencies.push(ownershipUnit(id))
  if (logFiles.length > 0) dependencies.push(logFilesUnit(id, name))
  if (definition.syslog) dependencies.push(syslogUnit(id, name))
  const signal = definition.stopSignal ?? 'SIGKILL'
  const { user, group } = options.DynamicUser ? { user: 'root' } : definition
  if (options.DynamicUser && entersRoot(ground, name))
    refuseFor(name)(
      'has DynamicUser and is on a host or has a tree of its own',
      'Remove unit: { DynamicUser: true }, and name an account.',
    )
  const { syslog } = definition
  const boxed = { service: name, user, group, env, syslog }
  const variables = environmentOf(name, env)
  const settings: UnitSettings = {
    Description: `${name} (${definition.kind}) of vitest-cluster session ${id}`,
    ...sandbox(ground, boxed),
    ExecStart: execStart(command, boxed, ground),
    ...readiness(definition, { context, ground, variables, options }),
    ...afterwards(definition, { context, ground, variables, logFiles }),
    StandardOutput: `append:${log}`,
    StandardError: `append:${log}`,
    TimeoutStartSec: definition.readyTimeout ?? READY_TIMEOUT,
    TimeoutStopSec: definition.stopTimeout ?? STOP_TIMEOUT,
    KillSignal: signal,
    // A job must end with exit status 0, and has no process when it is stopped
    ...(definition.ready === 'exited' ? {} : { SuccessExitStatus: [signal] }),
    ...restartSettings(options, definition.ready === 'exited' ? undefined : signal),
    Requires: dependencies,
    After: dependencies,
    ...limits(options),
  }
  return { name: unitName(id, name), settings }
}

function readiness(
  definition: ServiceDefinition,
  {
    context,
    ground,
    variables,
    options,
  }: {
    readonly context: ServiceContext
    readonly ground: SessionGround
    readonly variables: Readonly<Record<string, string>>
    readonly options: UnitOptions
  },
): UnitSettings {
  const { ready, readyTimeout = READY_TIMEOUT } = definition
  // A program that the service starts may send READY=1 itself, as systemd-socket-activate 262 does
  const { NotifyAccess = 'main' } = options
  const words = (name: string, ...argv: string[]) =>
    script(context.name, [`${TREE_LIBEXEC}/${name}`, ...argv], variables)
  // A script of this library beside the service: runs as root of the tree, if there is a root
  const post = (...argv: [string, ...string[]]): UnitSettings => ({
    Type: 'exec',
    ExecStartPost: { prefix: '!', argv: words(...argv) },
  })
  if (ready === 'notify') return { Type: 'notify', NotifyAccess }
  if (ready === 'forking') return { Type: 'forking' }
  if (ready === 'started') return { Type: 'exec' }
  if (ready === 'exited') return { Type: 'oneshot', RemainAfterExit: true }
  if (ready === 'listening') {
    const numbers = Object.values(context.ports).map(String)
    const { uids, address } = context
    return post('ready-listening.sh', uids, `${readyTimeout / 1000}`, address, ...numbers)
  }
  if ('logLine' in ready) {
    const log = treeLog(context.name)
    return post('ready-log.sh', 'wait', log, ready.logLine)
  }
  // The user's own program: runs as the service's user
  const asked = withAllVariables(resolve(ready.exec, context.name, ground), variables)
  const { user = SESSION, group } = definition
  const runs = { service: context.name, user, group, cwd: context.directory }
  return { Type: 'exec', ExecStartPost: words('ready-exec.sh', ...inOwnRoot(asked, runs, ground)) }
}

/** What is done with the log after the service's end. */
function afterwards(
  definition: ServiceDefinition,
  {
    context: { name },
    ground,
    variables,
    logFiles,
  }: {
    readonly context: ServiceContext
    readonly ground: SessionGround
    readonly variables: Readonly<Record<string, string>>
    readonly logFiles: readonly string[]
  },
): UnitSettings {
  const { ready, syslog } = definition
  const marks = typeof ready === 'object' && 'logLine' in ready
  const mark = [`${TREE_LIBEXEC}/ready-log.sh`, 'mark', treeLog(name)]
  const commands = [
    ...(logFiles.length > 0
      ? [{ prefix: '-', argv: copyLast(name, logFiles, definition, ground) } as const]
      : []),
    ...(syslog ? [{ prefix: '-', argv: flushSyslog(name) } as const] : []),
    // Not ExecStartPre=: a program before the main one would get the IPC namespace (isolation/confine.ts)
    ...(marks ? [{ prefix: '-!', argv: script(name, mark, variables) } as const] : []),
  ]
  return commands.length > 0 ? { ExecStopPost: commands } : {}
}

function treeLog(service: string): string {
  return `${TREE_LOGS}/${logName(service)}`
}

/** What a start job waits for, in words. */
export function awaited({
  ready,
  address,
  ports,
}: Pick<ServicePlan, 'ready' | 'address' | 'ports'>): string {
  if (ready === 'notify') return 'READY=1 from the service (sd_notify)'
  if (ready === 'forking') return 'the end of its first process (Type=forking)'
  if (ready === 'started') return 'the program to be started'
  if (ready === 'exited') return 'the end of its program with exit status 0 (a one-off job)'
  if (ready === 'listening') {
    return `a listening socket of the service on port ${Object.values(ports).join(', ')} of ${address}`
  }
  if ('logLine' in ready) return `a line of its log that matches ${JSON.stringify(ready.logLine)}`
  return `the first success of: ${ready.exec.join(' ')}`
}

/** systemd(1) itself would set NotifyAccess=main for a unit file with WatchdogSec=. */
function watchdog({ WatchdogSec, NotifyAccess = 'main' }: UnitOptions): UnitSettings {
  return WatchdogSec === undefined ? {} : { WatchdogSec: WatchdogSec * 1000, NotifyAccess }
}

function limits(unit: UnitOptions): UnitSettings {
  const { SystemCallDeny, MemoryMax, TasksMax, LimitNOFILE, DynamicUser } = unit
  return {
    ...denied(SystemCallDeny),
    ...watchdog(unit),
    ...{ MemoryMax, TasksMax, LimitNOFILE, DynamicUser: DynamicUser || undefined },
  }
}
