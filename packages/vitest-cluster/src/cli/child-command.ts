import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { ClusterError, messageOf } from '../errors.ts'
import { isMissing } from '../shortage/child.ts'

/** The child process of a command such as `run`, to which signals are passed on. */
export class ChildCommand {
  #child: ChildProcess | undefined
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

  /** Starts it; `ended` resolves with the exit code, as a shell computes it. */
  start([program = '', ...argv]: readonly string[], env: NodeJS.ProcessEnv, stdio: StdioOptions) {
    const child = spawn(program, argv, { stdio, env })
    this.#child = child
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', (cause) => reject(cannotRun(program, cause)))
      child.once('exit', (code, signal) =>
        resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)),
      )
    })
    return { child, ended }
  }
}

export function cannotRun(program: string, cause?: unknown): ClusterError {
  const missing = cause === undefined || isMissing(cause, program)
  return new ClusterError(
    {
      code: 'USAGE',
      message: `cannot run ${program}: ${missing ? 'there is no such program' : messageOf(cause)}`,
      fix: 'For a shell command line: -- sh -c "…"',
    },
    { cause },
  )
}
