import type { Growth, Holds } from './target/row.ts'
import { watchedRun } from './watched-run.ts'

/** By how much a process may grow, with any number of sessions. */
const GROWTH: Holds = {
  descriptors: 0,
  children: 0,
  listeners: 0,
  'heap, KiB': 8 * 1024,
  'memory besides the heap, KiB': 64 * 1024,
}

/** One of so many sessions is opened in a separate process. */
const ALONE = 10

/** Opens sessions one after another. Resolves with the failures. */
export async function row(sessions: number, say: (line: string) => void): Promise<string[]> {
  const alone = Math.floor(sessions / ALONE)
  const wrong = await inOneProcess(sessions - alone, say)
  for (let number = 0; number < alone; number++)
    wrong.push(...(await ends(['program.ts', '1', 'briefly'])).wrong)
  say(`${alone} sessions in a row, each in a process of its own; ${wrong.length} faults in all`)
  return wrong
}

async function inOneProcess(count: number, say: (line: string) => void): Promise<string[]> {
  const began = performance.now()
  const { output, wrong } = await ends(['row.ts', `${count}`])
  const seconds = (performance.now() - began) / 1000
  say(`${count} sessions in a row in one process, ${seconds.toFixed(0)} s`)
  // The process ended before it could print what it holds
  if (!output.startsWith('{')) return wrong
  const { warmUp, before, after }: Growth = JSON.parse(output)
  const keys = Object.keys(GROWTH) as (keyof Holds)[]
  say(`\n| it holds | after ${warmUp} | after the last | may grow by |\n| --- | --: | --: | --: |`)
  for (const key of keys) say(`| ${key} | ${before[key]} | ${after[key]} | ${GROWTH[key]} |`)
  say('')
  const grown = keys.filter((key) => after[key] - before[key] > GROWTH[key])
  return [...wrong, ...grown.map((key) => `${key} grew from ${before[key]} to ${after[key]}`)]
}

async function ends(argv: readonly string[]): Promise<{ output: string; wrong: string[] }> {
  await using watched = watchedRun('program', argv)
  const { run } = watched
  await run.ended
  const { exitCode, signalCode } = run.child
  const wrong = (await watched.left()).map((line) => `left: ${line}`)
  if (exitCode !== 0) wrong.push(`ended with ${exitCode ?? signalCode}:\n${run.output}`)
  return { output: run.output, wrong }
}
