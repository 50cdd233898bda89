import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { checkExec } from '../definition/check-exec.ts'
import type { ExecOptions } from '../definition/exec.ts'
import { seenByManager } from '../isolation/confine.ts'
import { unitName } from '../plan/names.ts'
import { logName } from '../plan/paths.ts'
import { planExec } from '../plan/program.ts'
import type { SessionGround } from '../plan/session-plan.ts'
import type { Manager } from '../systemd/manager.ts'
import { execAccount } from './account.ts'
import type { ExecService } from './exec.ts'
import { notRun, programFailed, unstarted } from './problem.ts'
import { Program } from './program.ts'

/** The options of a program that runs on by itself. */
export type DetachOptions = Pick<ExecOptions, 'user' | 'group' | 'cwd' | 'env' | 'timeout'>

/**
 * Starts a program in a service's tree that runs until it ends, or until the session ends. Its output goes to the
 * service's log.
 * @returns its process number in the tree
 * @throws ClusterError `EXEC_FAILED` for invalid arguments, and a program that cannot be started
 */
export async function detachInTree(
  manager: Manager,
  plan: SessionGround,
  runs: ExecService,
  argv: readonly string[],
  options: DetachOptions,
): Promise<number> {
  const { name: service, deny, syslog } = runs
  checkExec(service, argv, options)
  const { cwd, timeout } = options
  const { env, ...account } = execAccount(plan, runs, options)
  const id = randomBytes(5).toString('hex')
  const program = new Program(manager, unitName(plan.id, `${service}-exec-${id}`))
  const log = `append:${join(seenByManager(plan).logs, logName(service))}` as const
  const variables = { ...env, ...runs.env, ...options.env }
  await program.start(
    planExec(
      argv,
      { service, cwd, timeout, stdout: log, stderr: log, deny, syslog, ...account, env: variables },
      plan,
    ),
  )
  try {
    const executed = { service, argv, cwd, user: account.user }
    const ended = await program.ended()
    if (ended?.notStarted !== undefined)
      throw programFailed(executed, '', unstarted(ended.notStarted))
    const problem = ended && (await notRun(plan, executed, ended.code, async () => false))
    if (problem) throw programFailed(executed, '', problem)
    return await program.pid()
  } finally {
    await program.forget()
  }
}
