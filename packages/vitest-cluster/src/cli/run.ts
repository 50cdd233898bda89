import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { SESSION_VARIABLE, sessionValues } from '../client/variables.ts'
import { ClusterError, errnoOf, messageOf } from '../errors.ts'
import { DEFAULT_STAY, invitation, stay } from '../lifetime/stay.ts'
import { keepLogs } from '../logs/kept.ts'
import type { Run } from './command.ts'
import { open } from './open.ts'
import { tell } from './output.ts'
import { seconds } from './time.ts'

export const run: Run = async ({ words, options }) => {
  const keepTime = options['keep-on-failure']
    ? (seconds(options, 'keep-for') ?? DEFAULT_STAY)
    : undefined
  const keep = keepTime ?? stay(process.env['VITEST_CLUSTER_KEEP'])
  const command = new Command()
  const { session, definition, logsDirectory } = await open(options, 'run')
  try {
    const { variables } = await sessionValues(session.plan, definition)
    const env = { ...process.env, ...variables, [SESSION_VARIABLE]: session.id }
    const ended = await command.run(words, env)
    if (command.interrupted) return ended
    const ends = await session.unexpectedEnds()
    for (const { details } of ends) tell(`vitest-cluster: ${new ClusterError(details).message}`)
    const code = ended || (ends.some(({ failed }) => failed) ? 1 : 0)
    if (code === 0) return code
    const logs = await keepLogs(session.plan.paths.directory, logsDirectory)
    if (logs) tell(`vitest-cluster: all logs of session ${session.id}: ${logs}`)
    if (keep !== undefined) {
      await session.detach(keep)
      tell(`vitest-cluster: ${invitation(session.plan, keep)}`)
    }
    return code
  } finally {
    await session.close()
  }
}

/** The child process of `run`, to which signals are passed on. */
class Command {
  #child: ReturnType<typeof spawn> | undefined
  interrupted = false

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        this.interrupted = true
        // A terminal sends Ctrl-C to the command as well; other signals reach only this process
        if (!this.#child) process.exit(128 + constants.signals[signal])
        else if (signal !== 'SIGINT' || !process.stdin.isTTY) this.#child.kill(signal)
      })
    }
  }

  /** Resolves with the exit code, as a shell computes it. */
  run([program = '', ...argv]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
    return new Promise((resolve, reject) => {
      const child = spawn(program, argv, { stdio: 'inherit', env })
      this.#child = child
      child.once('error', (cause) => {
        const missing = errnoOf(cause) === 'ENOENT'
        const what = missing ? 'there is no such program' : messageOf(cause)
        reject(
          new ClusterError(
            {
              code: 'USAGE',
              message: `cannot run ${program}: ${what}`,
              fix: 'For a shell command line: vitest-cluster run -- sh -c "…"',
            },
            { cause },
          ),
        )
      })
      child.once('exit', (code, signal) =>
        resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)),
      )
    })
  }
}
