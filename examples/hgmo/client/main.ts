import { mkdirSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, join } from 'node:path'
import { checkout, noCheckout } from '../checkout.ts'
import { parseOptions, USAGE } from './options.ts'
import { inOwnSession, inSession, type Report } from './sessions.ts'
import { type TestFile, testFiles } from './tests.ts'

/** The exit code of a wrong command line, and of a machine that lacks something. */
const WRONG = 2
/** Lines of a diff that are printed. */
const LONGEST = 200

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') {
    console.log(USAGE)
    return 0
  }
  if (checkout === undefined) throw new Error(noCheckout)
  const files = testFiles(checkout, options.words)
  const outer = process.env['VITEST_CLUSTER_SESSION']
  if (outer && files.length > 1)
    throw new Error(
      `the session ${outer} is for one test file: name one of ${files.map(({ path }) => path).join(', ')}`,
    )
  const run = outer ? inSession(options) : inOwnSession(options)
  if (options.diffs !== undefined) mkdirSync(options.diffs, { recursive: true })
  const done = (report: Report) => {
    print(report)
    if (options.diffs === undefined || !report.outcome.diff) return
    writeFileSync(join(options.diffs, `${basename(report.file.path)}.diff`), report.outcome.diff)
  }
  const reports = await inParallel(files, { jobs: outer ? 1 : options.jobs, run, done })
  return summary(reports)
}

interface Running {
  readonly jobs: number
  readonly run: (file: TestFile) => Promise<Report>
  readonly done: (report: Report) => void
}

/** Runs the files, so many at the same time. */
async function inParallel(
  files: readonly TestFile[],
  { jobs, run, done }: Running,
): Promise<Report[]> {
  const reports: Report[] = []
  const waiting = [...files]
  const work = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const report = await run(file)
      reports.push(report)
      done(report)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return reports
}

function print({ file, outcome, seconds, opening }: Report): void {
  const { result, reason, diff } = outcome
  const times = `${seconds.toFixed(1)} s${opening === undefined ? '' : `, cluster ${opening.toFixed(1)} s`}`
  const flaky = file.flaky ? ', on the flaky list of the checkout' : ''
  const why = reason ? `: ${reason}` : ''
  console.log(`${result.padEnd(10)} ${file.path} (${times}${flaky})${why}`)
  const lines = diff.split('\n')
  const shown = [
    ...lines.slice(0, LONGEST),
    ...(lines.length > LONGEST ? [`… and ${lines.length - LONGEST} more lines`] : []),
  ]
  if (diff) console.log(shown.map((line) => `  ${line}`).join('\n'))
}

/** @returns the exit code: 1 if a file failed */
function summary(reports: readonly Report[]): number {
  const count = (result: string) =>
    reports.filter(({ outcome }) => outcome.result === result).length
  const [passed, failed, other] = [count('passed'), count('failed'), count('cannot run')]
  console.log(`${passed} passed, ${failed} failed${other > 0 ? `, ${other} cannot run` : ''}`)
  return failed > 0 ? 1 : 0
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // The sessions end with their process: the library sees to it
  process.once(signal, () => process.exit(128 + constants.signals[signal]))
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(`run-tests: ${error instanceof Error ? error.message : error}`)
  process.exitCode = WRONG
}
