import { checkExec } from '../definition/check-exec.ts'
import type { ExecOptions, ExecResult } from '../definition/service.ts'
import { ClusterError } from '../errors.ts'
import { own } from '../own.ts'
import { unitName } from '../plan/names.ts'
import { planExec } from '../plan/program.ts'
import type { Manager } from '../systemd/manager.ts'
import { ExecOutput } from './exec-output.ts'
import type { SessionInfo } from './info.ts'

const TIMEOUT = 60_000

/** What running a program needs to know of a session. */
export type ExecInfo = Pick<SessionInfo, 'facts' | 'surroundings' | 'units'>

/**
 * Runs a program to its end as a unit of the session, in a service's tree.
 * @throws ClusterError `EXEC_FAILED` for arguments that it does not take, a non-zero exit (unless `allowFailure`), a program that cannot be
 * started, and a time-out
 */
export async function execInTree(
  manager: Manager,
  info: ExecInfo,
  service: string,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  checkExec(service, argv, options)
  const timeout = options.timeout ?? TIMEOUT
  const runs = own(info.units, service)
  const output = await ExecOutput.make(info)
  const unit = unitName(info.surroundings.id, `${service}-exec-${output.id}`)
  try {
    const properties = planExec(
      argv,
      {
        ...options,
        service,
        timeout,
        ...output.paths,
        deny: runs?.deny,
        ...accountOf(info, service, options.user),
        env: { ...runs?.env, ...options.env },
      },
      info.surroundings,
    )
    const job = await manager.startTransient(unit, properties)
    const state = job === 'done' ? undefined : await manager.state(unit)
    const written = await output.read()
    await manager.unref(unit)
    const result = {
      ...written,
      exitCode: exitCode(state?.execMainCode, state?.execMainStatus),
    }
    if (job === 'timeout' || state?.result === 'timeout') {
      throw failure(
        service,
        argv,
        `did not end within ${timeout} ms`,
        result,
        'Give exec a longer timeout (milliseconds).',
      )
    }
    if (
      state &&
      result.exitCode >= 200 &&
      result.stdout === '' &&
      result.stderr === '' &&
      !Object.hasOwn(
        (own(info.surroundings.own, service) ?? info.surroundings).programs,
        argv[0] ?? '',
      )
    ) {
      throw failure(
        service,
        argv,
        `could not be started (${result.exitCode})`,
        result,
        'Give the program by its path in the tree, such as /usr/bin/ls.',
      )
    }
    if (job !== 'done' && !options.allowFailure) {
      throw failure(
        service,
        argv,
        `ended with ${result.exitCode}`,
        result,
        'Its last lines say why; allowFailure: true gives the exit code instead.',
      )
    }
    return result
  } finally {
    await output.remove()
  }
}

/** The service's own account, or the one that the caller names. */
function accountOf(info: ExecInfo, service: string, user: string | undefined) {
  const { accounts } = info.surroundings
  if (user === undefined) {
    // A state is made before there are units, by root: what it makes is given to its owner with all else
    const unit = own(info.units, service) ?? { user: 'root', group: undefined }
    return { user: unit.user, group: unit.group }
  }
  if (accounts.uids === 'many' && Object.hasOwn(accounts.users, user)) return { user }
  throw new ClusterError({
    code: 'EXEC_FAILED',
    service,
    message:
      accounts.uids === 'many'
        ? `exec: the tree has no account '${user}'`
        : `exec: nothing can run as '${user}' where all accounts share one uid`,
    mend:
      accounts.uids === 'many'
        ? `Its accounts: ${Object.keys(accounts.users).join(', ')}.`
        : "Leave user out, or write isolation: 'range' or 'boot' in the cluster's definition.",
  })
}

function exitCode(code = 1, status = 0): number {
  return code === 1 ? status : 128 + status
}

function failure(
  service: string,
  argv: readonly string[],
  what: string,
  { stdout, stderr }: ExecResult,
  mend: string,
): ClusterError {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '')
  return new ClusterError({
    code: 'EXEC_FAILED',
    service,
    message: `${argv.join(' ').slice(0, 200)} ${what}`,
    log: lines.slice(-12),
    mend,
  })
}
