import { checkExec } from '../definition/check-exec.ts'
import type { ExecEncoding, ExecOptions, ExecResult } from '../definition/exec.ts'
import { ClusterError, saysWhy } from '../errors.ts'
import { unitName } from '../plan/names.ts'
import { planExec } from '../plan/program.ts'
import { rootOf, type ServicePlan, type SessionGround } from '../plan/session-plan.ts'
import type { Manager } from '../systemd/manager.ts'
import { NOT_EXECUTED, programProblem } from './executable.ts'
import { ExecFiles } from './files.ts'
import { hostOnlyFix } from './host-only.ts'
import { holdErrors, inputPieces } from './input.ts'
import { lastWritten, passOn, written } from './output.ts'

const TIMEOUT = 60_000

/** The service in whose tree a program runs, and the account that it runs as. */
export type ExecService = Pick<ServicePlan, 'name' | 'user' | 'group' | 'env' | 'deny'> & {
  /** Its working directory; `/srv/NAME` by default. */
  readonly cwd?: string
}

/** What was wrong, and how to fix it; by default the fix refers to the program's output. */
type Problem = readonly [what: string, fix?: string | undefined]

/**
 * Runs a program to its end as a unit of the session, in a service's tree.
 * @throws ClusterError `EXEC_FAILED` for invalid arguments, a non-zero exit (unless `allowFailure`), a program that cannot
 * be started, a time-out, an input or a stream for output that fails, and output too long for the result
 */
export async function execInTree<E extends ExecEncoding = 'utf8'>(
  manager: Manager,
  plan: SessionGround,
  runs: ExecService,
  argv: readonly string[],
  options: ExecOptions<E> = {},
): Promise<ExecResult<E>> {
  const { name: service } = runs
  holdErrors(options)
  checkExec(service, argv, options)
  const { input, timeout = TIMEOUT } = options
  const files = await ExecFiles.make(plan, input !== undefined)
  const unit = unitName(plan.id, `${service}-exec-${files.id}`)
  try {
    const settings = planExec(
      argv,
      {
        service,
        timeout,
        cwd: options.cwd ?? runs.cwd,
        ...files.paths,
        deny: runs.deny,
        ...accountOf(plan, runs, options.user),
        env: { ...runs.env, ...options.env },
      },
      plan,
    )
    if (input !== undefined) await files.write(inputPieces(input, { service, timeout }))
    const started = manager.startTransient(unit, settings, { reference: true })
    const job = await passOn(files, options, started, {
      service,
      stop: () => manager.stop(unit),
    })
    const state = job === 'done' ? undefined : await manager.state(unit)
    await manager.unref(unit)
    const code = exitCode(state?.execMainCode, state?.execMainStatus)
    if (job === 'timeout' || state?.result === 'timeout') {
      const fix = 'Give exec a longer timeout (milliseconds).'
      throw await failure(service, argv, files, [`did not end within ${timeout} ms`, fix])
    }
    if (state && NOT_EXECUTED.includes(code)) {
      const user = options.user ?? runs.user
      const problem = await programProblem(plan, { name: service, user }, argv[0] ?? '')
      const what = `cannot be executed: ${problem?.what}`
      // A program without a problem has ended with this status itself
      if (problem) throw await failure(service, argv, files, [what, problem.fix])
    } else if (state && code >= 200 && (await neverRan(plan, service, argv, files))) {
      const fix =
        'systemd could not set up its process: see the exit status in systemd.exec(5), Process Exit Codes.'
      throw await failure(service, argv, files, [`could not be started (${code})`, fix])
    }
    if (job !== 'done' && !options.allowFailure) {
      const said = (await lastWritten(files)).join('\n')
      const fix = hostOnlyFix(plan, service, [said, argv.join('\n')])
      throw await failure(service, argv, files, [`ended with ${code}`, fix])
    }
    const stdout = await written(files, 'stdout', options, service)
    const stderr = await written(files, 'stderr', options, service)
    return { stdout, stderr, exitCode: code }
  } finally {
    await files.remove()
  }
}

/** Whether systemd could not start a program: it wrote nothing, and is not a program of the definition. */
async function neverRan(
  plan: SessionGround,
  service: string,
  [program = '']: readonly string[],
  files: ExecFiles,
): Promise<boolean> {
  const { programs } = rootOf(plan, service)
  if (Object.hasOwn(programs, program)) return false
  return (await files.size('stdout')) + (await files.size('stderr')) === 0
}

/** The service's own account, or the one that the caller names. */
function accountOf(
  { accounts }: SessionGround,
  { name: service, user: serviceUser, group }: ExecService,
  user: string | undefined,
) {
  if (user === undefined) return { user: serviceUser, group }
  if (accounts.uids === 'many' && Object.hasOwn(accounts.users, user)) return { user }
  throw new ClusterError({
    code: 'EXEC_FAILED',
    service,
    message:
      accounts.uids === 'many'
        ? `exec: the tree has no account '${user}'`
        : `exec: cannot run as '${user}', because all accounts share one uid`,
    fix:
      accounts.uids === 'many'
        ? `Its accounts: ${Object.keys(accounts.users).join(', ')}.`
        : "Remove user, or write isolation: 'range' or 'boot' in the cluster's definition.",
  })
}

function exitCode(code = 1, status = 0): number {
  return code === 1 ? status : 128 + status
}

async function failure(
  service: string,
  argv: readonly string[],
  files: ExecFiles,
  [what, fix]: Problem,
): Promise<ClusterError> {
  const log = await lastWritten(files)
  return new ClusterError({
    code: 'EXEC_FAILED',
    service,
    message: `${argv.join(' ').slice(0, 200)} ${what}`,
    log,
    fix: fix ?? `${saysWhy(log)}. With allowFailure: true, exec returns the exit code instead.`,
  })
}
