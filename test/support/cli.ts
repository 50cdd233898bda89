import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { nothingLeft, sessionsBelow } from './leftovers.ts'
import { INSTALLED, type Project } from './project.ts'
import { environment } from './vitest.ts'

/** The program of `npx vitest-cluster` in a project. */
export const PROGRAM = join(INSTALLED, 'node_modules/vitest-cluster/bin/vitest-cluster.js')

export interface CliResult {
  readonly exitCode: number | NodeJS.Signals
  readonly stdout: string
  readonly stderr: string
}

/** A shell in a project's directory, with a separate TMPDIR, in which nothing may be left when the test ends. */
export class Shell {
  readonly directory: string
  readonly #cwd: string
  readonly #ids = new Set<string>()

  static async open(project: Project): Promise<Shell> {
    const directory = await mkdtemp(join(tmpdir(), 'vc-'))
    await mkdir(sessionsBelow(directory), { mode: 0o700 })
    const shell = new Shell(directory, project.directory)
    onTestFinished(async () => {
      // A failed test must not leave its sessions to the next one
      for (const id of await shell.sessions()) await shell.run('down', '--session', id)
      await shell.nothingLeft()
      await rm(directory, { recursive: true, force: true })
    })
    return shell
  }

  private constructor(directory: string, cwd: string) {
    this.directory = directory
    this.#cwd = cwd
  }

  /** Runs `vitest-cluster` to its end. */
  async run(...argv: readonly string[]): Promise<CliResult> {
    return this.start(argv).ended
  }

  /** Starts `vitest-cluster`, or the given program. With `open` its stdin stays open. */
  start(
    argv: readonly string[],
    options: { input?: string; env?: object; program?: string[]; open?: boolean } = {},
  ) {
    const [program = '', ...words] = options.program ?? [process.execPath, PROGRAM]
    const child = spawn(program, [...words, ...argv], {
      cwd: this.#cwd,
      env: { ...environment(), ...options.env, TMPDIR: this.directory },
    })
    const output = { stdout: '', stderr: '' }
    const waiting = new Set<() => void>()
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text
        for (const look of waiting) look()
      })
    }
    if (!options.open) child.stdin.end(options.input ?? '')
    const ended = once(child, 'close').then(async (): Promise<CliResult> => {
      for (const id of await this.sessions()) this.#ids.add(id)
      for (const look of waiting) look()
      return { exitCode: child.exitCode ?? child.signalCode ?? 0, ...output }
    })
    /** Resolves when the program has printed this on either stream. */
    const says = (text: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (`${output.stdout}${output.stderr}`.includes(text)) resolve()
          else if (child.exitCode !== null) reject(new Error(`it ended and said ${output.stderr}`))
        }
        waiting.add(look)
        look()
      })
    return { child, ended, says, output }
  }

  /** The ids of the existing sessions. */
  async sessions(): Promise<string[]> {
    return (await readdir(sessionsBelow(this.directory))).filter((name) => !name.startsWith('.'))
  }

  /** @throws Error with what is left after 2 s */
  nothingLeft(): Promise<void> {
    return nothingLeft({
      directory: this.directory,
      ids: this.#ids,
    })
  }
}
