import { execa } from 'execa'

/** What came of a program that was run to see whether it can. */
export interface Trial {
  readonly ok: boolean
  readonly stdout: string
  /** The first line of what it complained, or how it ended. */
  readonly complaint: string
}

/** Runs a program with nothing to read and no tongue but C's; 5 s at most. Never rejects. */
export async function attempt(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Trial> {
  const [program = '', ...rest] = argv
  const result = await execa(program, rest, {
    env: { ...env, LC_ALL: 'C' },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: 5_000,
    killSignal: 'SIGKILL',
  })
  const said = result.stderr.trim().split('\n')[0] ?? ''
  const complaint = result.failed ? said || (result.shortMessage ?? 'it failed') : said
  return { ok: !result.failed, stdout: result.stdout, complaint }
}
