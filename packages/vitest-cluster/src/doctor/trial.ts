import { execa } from 'execa'
import { withShortage } from '../shortage/explain.ts'
import { type Sign, spotError, spotWords } from '../shortage/spot.ts'
import { clearTimeout, setTimeout } from '../timers.ts'

/** What came of a program that was run to see whether it can. */
export interface Trial {
  readonly ok: boolean
  readonly stdout: string
  /** The first line of what it complained, or how it ended. */
  readonly complaint: string
}

/** Milliseconds for what takes ten. */
const DEADLINE = 5_000

/** What a trial runs out of is not what it was about. A full disk or a limit of namespaces may be just that. */
const OTHERS = new Set<Sign | undefined>([
  'descriptors',
  'machine descriptors',
  'processes',
  'memory',
])

/**
 * Runs a program with nothing to read and no tongue but C's. Leaves no process.
 * @throws ClusterError where it says nothing, because processes, descriptors or memory ran out
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
    // Ours may be closed to who runs it
    cwd: '/',
    // A process group of its own: a child of its own can be what hangs, and would keep our pipes open
    detached: true,
  })
  const timer = setTimeout(() => killGroup(running.pid), deadline)
  const result = await running
  clearTimeout(timer)
  if (OTHERS.has(spotError(result.cause) ?? spotWords(result.stderr)))
    throw withShortage(result, { said: result.stderr })
  // What could not be run at all has written nothing
  const said = result.stderr.trim() || result.originalMessage || result.shortMessage || ''
  return { ok: !result.failed, stdout: result.stdout, complaint: said.split('\n')[0] ?? '' }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // it ended just then
  }
}
