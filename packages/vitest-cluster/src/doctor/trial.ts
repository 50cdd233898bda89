import { execa } from 'execa'
import { withShortage } from '../shortage/explain.ts'
import { type Sign, spotError, spotWords } from '../shortage/spot.ts'
import { clearTimeout, setTimeout } from '../timers.ts'

/** The result of a program that was run to see whether it works. */
export interface Trial {
  readonly ok: boolean
  readonly stdout: string
  /** The first line of its standard error, or how it ended. */
  readonly complaint: string
}

/** Milliseconds for a trial, which usually takes ten. */
const DEADLINE = 5_000

/** Shortages that say nothing about what a trial tests. A full disk or a limit of namespaces may be its result. */
const OTHERS = new Set<Sign | undefined>([
  'descriptors',
  'machine descriptors',
  'processes',
  'memory',
])

/**
 * Runs a program without input and in the C locale. Leaves no process.
 * @throws ClusterError if the trial has no result, because processes, descriptors or memory ran out
 */
export async function attempt(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  deadline = DEADLINE,
): Promise<Trial> {
  const [program = '', ...rest] = argv
  const running = execa(program, rest, {
    env: { ...env, LC_ALL: 'C' },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    // The trial's user may have no access to the current directory
    cwd: '/',
    // A new process group, to kill children that hang as well: they would keep the pipes open
    detached: true,
  })
  const timer = setTimeout(() => killGroup(running.pid), deadline)
  const result = await running
  clearTimeout(timer)
  if (OTHERS.has(spotError(result.cause) ?? spotWords(result.stderr)))
    throw withShortage(result, { said: result.stderr })
  // A program that could not be started has no output
  const said = result.stderr.trim() || result.originalMessage || result.shortMessage || ''
  return { ok: !result.failed, stdout: result.stdout, complaint: said.split('\n')[0] ?? '' }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // the process ended in the meantime
  }
}
