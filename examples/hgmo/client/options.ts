import { parseArgs } from 'node:util'

/** The command line of run-tests. */
export interface Options {
  readonly words: readonly string[]
  readonly jobs: number
  readonly timeout: number
  readonly keep: boolean
  /** A directory that gets the whole diff of each failed file. */
  readonly diffs: string | undefined
  readonly verbose: boolean
}

export const USAGE = `usage: run-tests [FILE… or DIRECTORY…] [options]

Runs test files of version-control-tools (hgserver/tests and pylib/vcsreplicator/tests by default), each with a cluster of
its own. VCT_CHECKOUT is the path of a checkout. Inside of \`vitest-cluster run\` it runs one file, in that session.

  -j, --jobs N         files at the same time; 1 by default
      --timeout SECS   how long a file may take; 600 by default
      --diffs DIR      write the whole diff of each failed file there; of long ones only the beginning is printed
      --keep           leave the clusters of failed files up for 30 minutes
  -v, --verbose        print what the harness prints
  -h, --help
`

/** @throws Error for a wrong command line */
export function parseOptions(argv: readonly string[]): Options | 'help' {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      jobs: { type: 'string', short: 'j', default: '1' },
      timeout: { type: 'string', default: '600' },
      diffs: { type: 'string' },
      keep: { type: 'boolean', default: false },
      verbose: { type: 'boolean', short: 'v', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const { jobs, timeout, keep, verbose, diffs } = values
  return {
    words: positionals,
    jobs: positive('--jobs', jobs),
    timeout: positive('--timeout', timeout),
    ...{ keep, verbose, diffs },
  }
}

function positive(option: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new Error(`${option} ${text}: it must be a number above 0`)
  return Number(text)
}
