import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, type FSWatcher, readFileSync, watch } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nothingLeft, sessionsBelow } from './leftovers.ts'
import { type Ports, portsOf } from './ports.ts'
import { INSTALLED, type Project } from './project.ts'

const VITEST = join(INSTALLED, 'node_modules/vitest')
const { version } = JSON.parse(readFileSync(join(VITEST, 'package.json'), 'utf8'))

/** The version of the Vitest that projects use, which may differ from the one that runs the tests. */
export const majorVersion = Number.parseInt(version, 10)

export interface VitestOptions {
  /** `run` by default. */
  readonly command?: 'run' | 'watch'
  readonly args?: readonly string[]
  /** `default` by default. */
  readonly reporter?: string
  readonly env?: Readonly<Record<string, string>>
  /** The command that starts Vitest, such as `systemd-run`; its program first. */
  readonly through?: readonly string[]
  /** Start Vitest in a separate process group, like a shell with job control. */
  readonly group?: boolean
}

/** A real Vitest that runs a project, with a separate TMPDIR, so that its leftovers can be attributed to it. */
export class VitestRun implements AsyncDisposable {
  /** The ids of all sessions that the run began. */
  readonly sessions = new Set<string>()
  /** The run's TMPDIR. */
  readonly directory: string
  readonly child: ChildProcess
  readonly #watchers: FSWatcher[]
  readonly #closed: Promise<unknown>
  readonly #waiting = new Set<() => void>()
  #left: Promise<void> | undefined
  #output = ''
  #stdout = ''
  #ports: Ports = { locks: [], numbers: [] }

  static async start(project: Project, options: VitestOptions = {}): Promise<VitestRun> {
    const directory = await mkdtemp(join(tmpdir(), 'vc-'))
    await mkdir(sessionsBelow(directory), { mode: 0o700 })
    return new VitestRun(project, directory, options)
  }

  private constructor(project: Project, directory: string, options: VitestOptions) {
    this.directory = directory
    this.#watchers = [
      watch(sessionsBelow(directory), (_, entry) => {
        const id = /^(?:\.new-)?([0-9a-f]{8})$/.exec(entry ?? '')?.[1]
        if (id) this.sessions.add(id)
        this.#look()
      }),
      watch(directory, () => this.#look()),
    ]
    const vitest = [
      join(VITEST, 'vitest.mjs'),
      options.command ?? 'run',
      '--root',
      project.directory,
    ]
    const argv = [
      ...(options.through ?? []),
      process.execPath,
      ...vitest,
      `--reporter=${options.reporter ?? 'default'}`,
      ...(options.args ?? []),
    ]
    const [program = '', ...args] = argv
    this.child = spawn(program, args, {
      cwd: project.directory,
      env: { ...environment(), ...options.env, TMPDIR: directory },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: options.group ?? false,
    })
    this.#closed = once(this.child, 'close')
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
        if (stream === this.child.stdout) this.#stdout += text
        this.#look()
      })
    }
    this.child.once('exit', () => this.#look())
  }

  /** Everything that Vitest has printed. */
  get output(): string {
    return this.#output
  }

  /** The part of the output on stdout. */
  get stdout(): string {
    return this.#stdout
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** Resolves when the condition holds. It is checked when a session, a file in TMPDIR or output appears. */
  async until(condition: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = () => {
      if (condition()) resolve()
      else if (!this.running) reject(new Error(`Vitest ended before:\n${this.#output}`))
    }
    this.#waiting.add(look)
    look()
    await promise.finally(() => this.#waiting.delete(look))
  }

  /** Sends a signal to the main process. The ports that it holds are remembered for {@link nothingLeft}. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.child.pid) this.#ports = portsOf(this.child.pid)
    this.child.kill(signal)
  }

  /** Like Ctrl-C at a terminal: sends SIGINT to every process of the group. */
  async interruptGroup(): Promise<void> {
    const { pid = 0 } = this.child
    this.#ports = portsOf(pid)
    process.kill(-pid, 'SIGINT')
  }

  /** The end of the run: the exit code, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals> {
    await this.#closed
    return this.child.exitCode ?? this.child.signalCode ?? 0
  }

  /** Resolves when nothing of the run's sessions exists. @throws Error with what is left after 2 s */
  nothingLeft(): Promise<void> {
    this.#left ??= nothingLeft({
      directory: this.directory,
      ids: this.sessions,
      ports: this.#ports,
    })
    return this.#left
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL')
    await this.#closed
    if (!this.#left) await this.nothingLeft()
    for (const watcher of this.#watchers) watcher.close()
    // Only after its sessions have ended: the processes that end them use these directories
    await rm(this.directory, { recursive: true, force: true })
  }

  #look(): void {
    for (const look of this.#waiting) look()
  }
}

export interface Outcome {
  readonly exitCode: number | NodeJS.Signals
  readonly output: string
  readonly stdout: string
  /** The number of sessions that the run opened. */
  readonly sessions: number
}

/** Runs Vitest to its end on a project, and checks that nothing of its sessions is left. */
export async function runVitest(project: Project, options: VitestOptions = {}): Promise<Outcome> {
  await using run = await VitestRun.start(project, options)
  const exitCode = await run.ended()
  return { exitCode, output: run.output, stdout: run.stdout, sessions: run.sessions.size }
}

/** A run with a private manager, also if a user manager runs: that one can delegate a control group. */
export function withPrivateManager(): VitestOptions {
  const env = { VITEST_CLUSTER_MANAGER: 'private' }
  if (!existsSync(`${process.env['XDG_RUNTIME_DIR']}/systemd/private`)) return { env }
  return {
    env,
    through: ['systemd-run', '--user', '--scope', '--quiet', '--property=Delegate=yes', '--'],
  }
}

/** The pattern of a summary without failures. */
export const passed = (tests: number) => new RegExp(`Tests +${tests} passed \\(${tests}\\)`)

/** This process's environment, without the variables that Vitest has set. */
export function environment(): NodeJS.ProcessEnv {
  const own =
    /^(VITEST(?!_CLUSTER_)|NODE_ENV|NODE_OPTIONS|TEST|MODE|DEV|PROD|SSR|BASE_URL|FORCE_COLOR)/
  const entries = Object.entries(process.env).filter(([name]) => !own.test(name))
  return { ...Object.fromEntries(entries), NO_COLOR: '1' }
}
