import { ClusterError, saysWhy } from '../errors.ts'
import { lastLines } from '../logs/service-log.ts'
import { rootOf, type SessionGround } from '../plan/session-plan.ts'
import { NOT_EXECUTED, programProblem } from './executable.ts'

/** systemd's exit status if a program cannot enter its working directory: EXIT_CHDIR of systemd.exec(5). */
const NO_DIRECTORY = 200

/** A program of `exec`. */
export interface Executed {
  readonly service: string
  readonly user: string
  readonly argv: readonly string[]
  readonly cwd?: string | undefined
}

/** What was wrong, and how to fix it; by default the fix refers to the program's output. */
export type Problem = readonly [what: string, fix?: string | undefined]

/**
 * Why a program was not run, if its exit status says that it was not.
 * @param wrote whether it wrote anything: systemd's own statuses can also be those of a program
 */
export async function notRun(
  plan: SessionGround,
  { service, user, argv: [program = ''], cwd }: Executed,
  code: number,
  wrote: () => Promise<boolean>,
): Promise<Problem | undefined> {
  if (NOT_EXECUTED.includes(code)) {
    const problem = await programProblem(plan, { name: service, user }, program)
    // A program without a problem has ended with this status itself
    return problem && [`cannot be executed: ${problem.what}`, problem.fix]
  }
  const isKnown = Object.hasOwn(rootOf(plan, service).programs, program)
  if (code < 200 || code > 255 || (isKnown && cwd === undefined) || (await wrote()))
    return undefined
  if (code === NO_DIRECTORY && cwd !== undefined) {
    const fix = `Give a directory of its tree that ${user} may enter.`
    return [`could not be started: its working directory ${cwd} cannot be entered`, fix]
  }
  const fix =
    'systemd could not set up its process: see the exit status in systemd.exec(5), Process Exit Codes.'
  return isKnown ? undefined : [`could not be started (${code})`, fix]
}

/** The problem of a program that systemd could not start. @param result `Result=` of its unit (systemd.service(5)) */
export function unstarted(result: string): Problem {
  const fix = "The log of the session's manager has the cause: manager.log in its directory."
  return [`could not be started (${result})`, fix]
}

/** The error for a program of `exec`, with the last lines that it wrote. */
export function programFailed(
  { service, argv }: Executed,
  written: string,
  [what, fix]: Problem,
): ClusterError {
  const log = lastLines(written)
  return new ClusterError({
    code: 'EXEC_FAILED',
    service,
    message: `${argv.join(' ').slice(0, 200)} ${what}`,
    log,
    fix: fix ?? `${saysWhy(log)}. With allowFailure: true, exec returns the exit code instead.`,
  })
}
