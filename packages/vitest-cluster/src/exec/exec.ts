import { checkExec } from '../definition/check-exec.ts'
import type { ExecEncoding, ExecOptions, ExecResult } from '../definition/exec.ts'
import { unitName } from '../plan/names.ts'
import { planExec } from '../plan/program.ts'
import type { ServicePlan, SessionGround } from '../plan/session-plan.ts'
import type { Manager } from '../systemd/manager.ts'
import { execAccount } from './account.ts'
import { ExecFiles } from './files.ts'
import { hostOnlyFix } from './host-only.ts'
import { holdErrors, inputPieces } from './input.ts'
import { destinations, inEncoding, passOn, written } from './output.ts'
import { notRun, type Problem, programFailed, unstarted } from './problem.ts'
import { Program } from './program.ts'

const TIMEOUT = 60_000

/** The service in whose tree a program runs, and the account that it runs as. */
export type ExecService = Pick<ServicePlan, 'name' | 'user' | 'group' | 'env' | 'deny'> &
  Partial<Pick<ServicePlan, 'syslog'>> & {
    /** Its working directory; `/srv/NAME` by default. */
    readonly cwd?: string
  }

/** Called when a program starts, with a function that sends it a signal, and ends it if it has not ended 2 s later. */
export type Started = (signal: (signal: NodeJS.Signals) => Promise<void>) => void

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
  onStart: Started = () => {},
): Promise<ExecResult<E>> {
  const { name: service, deny, syslog } = runs
  holdErrors(options)
  checkExec(service, argv, options)
  const { input, cwd = runs.cwd, timeout = TIMEOUT, encoding } = options
  const { env, ...account } = execAccount(plan, runs, options)
  const outputs = destinations(options)
  const files = await ExecFiles.make(plan, {
    input: input !== undefined,
    outputs: outputs.map(({ name, stream }) => ({ name, live: stream !== undefined })),
  })
  const executed = { service, argv, cwd, user: account.user }
  const fail = async (problem: Problem) => programFailed(executed, await files.end(), problem)
  const program = new Program(manager, unitName(plan.id, `${service}-exec-${files.id}`))
  const variables = { ...env, ...runs.env, ...options.env }
  const settings = planExec(
    argv,
    { service, timeout, cwd, ...files.paths, deny, syslog, ...account, env: variables },
    plan,
  )
  try {
    const started = program.start(settings)
    onStart((signal) => program.signal(signal))
    const ended = started.then(() => program.end()).finally(() => files.endInput())
    const fed = started.then(async () => {
      if (input === undefined) return
      await files.feed(inputPieces(input, { service, ended }))
    })
    // Stopped at once: it may wait for an input that has failed
    const unfed = fed.catch(async (error: unknown) => {
      await program.stop().catch(() => {})
      return { error }
    })
    const { code, timedOut, notStarted } = await passOn(files, outputs, ended, {
      service,
      stop: () => program.stop(),
    })
    const inputFailed = await unfed
    if (inputFailed) throw inputFailed.error
    if (timedOut) {
      const fix = 'Give exec a longer timeout (milliseconds).'
      throw await fail([`did not end within ${timeout} ms`, fix])
    }
    if (notStarted !== undefined) throw await fail(unstarted(notStarted))
    const problem = await notRun(plan, executed, code, () => files.wrote())
    if (problem) throw await fail(problem)
    if (code !== 0 && !options.allowFailure) {
      const fix = hostOnlyFix(plan, service, [await files.end(), argv.join('\n')])
      throw await fail([`ended with ${code}`, fix])
    }
    const none = inEncoding(Buffer.alloc(0), encoding)
    const texts = outputs.map(
      async ({ name, stream }) =>
        [name, stream ? none : await written(files, name, encoding, service)] as const,
    )
    const { all, ...separate } = Object.fromEntries(await Promise.all(texts))
    const result = { stdout: none, stderr: none, ...separate, exitCode: code }
    return options.all ? { ...result, all: all ?? none } : result
  } finally {
    await program.forget().catch(() => {})
    await files.remove()
  }
}
