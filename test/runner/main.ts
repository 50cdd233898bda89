/** The end of scripts/test: runs the parts (parts.ts) and prints what they came to. */
import { rmSync } from 'node:fs'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import { checks, type Depth, elsewhere, here, machines, type Part } from './parts.ts'
import { type FileResult, failuresOf, type PartResult } from './results.ts'
import { printSummary } from './summary.ts'

const depths: Record<string, Depth> = { '': 'here', '--ci': 'ci', '--all': 'all' }
const depth = depths[process.argv.slice(2).join(' ')]
if (!depth) {
  console.error('usage: scripts/test [--ci | --all]')
  process.exit(2)
}

const directory = await mkdtemp(join(tmpdir(), 'vct-results-'))
const installed = await mkdtemp(join(tmpdir(), 'vct-packed-'))
process.on('exit', () => {
  for (const path of [directory, installed]) rmSync(path, { recursive: true, force: true })
})
// Their commands get them, too, where they come from a terminal
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const)
  process.on(signal, () => process.exit(128 + number))
const places: Record<string, string> = { $RESULTS: directory, $INSTALLED: installed }
const placed = (word: string) => places[word] ?? word

// A machine is made while the linter runs, and goes on being made beside the first tests
const made = depth === 'here' ? undefined : inTurn(machines())
await inTurn(checks())
await inTurn(here(depth), true)
await made
if (depth !== 'here') await Promise.all(elsewhere(depth).map((lane) => inTurn(lane)))
process.exitCode = (await printSummary(directory)) ? 0 : 1

async function inTurn(parts: readonly Part[], live = false): Promise<void> {
  for (const part of parts) await run(part, live)
}

/** Runs a part. Its output is shown as it comes, or where it failed. */
async function run({ name, argv, cwd = '.', env = {}, tests }: Part, live: boolean): Promise<void> {
  const begun = performance.now()
  if (live) console.log(`== ${name}`)
  const [program = '', ...words] = argv.map(placed)
  const file = join(directory, `${name}.json`)
  const own = Object.entries(env).map(([key, value]) => [key, placed(value)])
  const reporting = {
    VITEST_CLUSTER_TEST_RESULTS: file,
    // Lanes share the cores
    ...(live ? {} : { VITEST_MAX_WORKERS: '2' }),
  }
  const { all = '', exitCode } = await execa(program, words, {
    cwd,
    env: { ...(tests ? reporting : {}), ...Object.fromEntries(own) },
    stdin: 'ignore',
    reject: false,
    all: true,
    // Not kept in memory where it is on the screen
    ...(live ? { stdout: 'inherit', stderr: 'inherit' } : {}),
  })
  const seconds = (performance.now() - begun) / 1000
  const files = tests ? await reported(file) : [check(name, seconds, exitCode)]
  // What ends badly and blames no test: Vitest did not start, or the machine ended
  const unseen = exitCode !== 0 && failuresOf(files).length === 0
  if (unseen) files.push(check(name, seconds, exitCode))
  await writeFile(file, JSON.stringify({ part: name, seconds, files } satisfies PartResult))
  if (live) return
  const failures = failuresOf(files)
  const result = failures.length === 0 ? 'passed' : 'failed'
  console.log(`== ${name}: ${result}, ${seconds.toFixed(1)} s`)
  if (exitCode !== 0) console.log(excerpt(all))
  else for (const failure of failures) console.log(failure)
}

/** What test/runner/reporter.ts wrote; nothing where Vitest did not come to its end. */
function reported(file: string): Promise<FileResult[]> {
  return readFile(file, 'utf8').then(JSON.parse, () => [])
}

function check(name: string, seconds: number, exitCode: number | undefined): FileResult {
  const passed = exitCode === 0
  const failed = passed ? [] : [`exit code ${exitCode ?? 'none: a signal ended it'}`]
  return { group: 'check', file: name, seconds, passed: passed ? 1 : 0, failed, skipped: [] }
}

/** The failures that Vitest prints, or the end of what something else printed. */
function excerpt(output: string): string {
  const lines = stripVTControlCharacters(output).split('\n')
  const failures = lines.findIndex((line) => /Failed (Tests|Suites) \d/.test(line))
  return (failures === -1 ? lines.slice(-60) : lines.slice(failures, failures + 400)).join('\n')
}
