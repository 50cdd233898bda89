import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileResult, failuresOf, type PartResult } from './results.ts'

/**
 * Adds up the results in a directory. Prints which group of tests ran where, the reasons of skips, what failed, and last
 * `N passed, N failed, N skipped`. Says whether all is well.
 */
export async function printSummary(directory: string): Promise<boolean> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json'))
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))
  const parts = texts
    .map((text): PartResult => JSON.parse(text))
    .sort((a, b) => a.part.localeCompare(b.part))
  const failures = parts.flatMap((part) =>
    failuresOf(part.files).map((what) => `${part.part}: ${what}`),
  )
  const { passed, skipped } = count(parts.flatMap(({ files }) => files))
  console.log(`\n${table(parts)}`)
  printList('skipped', reasons(parts))
  printList('failed', failures)
  console.log(`\n${passed} passed, ${failures.length} failed, ${skipped} skipped`)
  return failures.length === 0 && passed > 0
}

const HEAD = ['where', 'what', 'files', 'passed', 'failed', 'skipped', 'seconds']

function table(parts: readonly PartResult[]): string {
  const checks = parts.flatMap(({ files }) => files.filter(({ group }) => group === 'check'))
  const rows = [HEAD, ...(checks.length > 0 ? [row('here', 'checks', checks)] : [])]
  for (const { part, files, seconds } of parts) {
    const groups = Map.groupBy(files, ({ group }) => group)
    groups.delete('check')
    for (const [group, own] of groups) rows.push(row(part, group || 'example', own))
    if (groups.size > 0) rows.push([part, 'wall time', '', '', '', '', seconds.toFixed(1)])
  }
  const widths = HEAD.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  )
  const padded = (cell: string, i: number) =>
    i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)
  return rows.map((cells) => cells.map(padded).join('  ')).join('\n')
}

function row(part: string, group: string, files: readonly FileResult[]): string[] {
  const { passed, failed, skipped } = count(files)
  const seconds = files.reduce((sum, file) => sum + file.seconds, 0)
  return [part, group, ...[files.length, passed, failed, skipped].map(String), seconds.toFixed(1)]
}

function count(files: readonly FileResult[]) {
  return {
    passed: files.reduce((sum, { passed }) => sum + passed, 0),
    failed: files.reduce((sum, { failed }) => sum + failed.length, 0),
    skipped: files.reduce(
      (sum, { skipped }) => sum + skipped.filter(({ expected }) => expected).length,
      0,
    ),
  }
}

/** Each reason once, with how many tests it kept from running, and where. */
function reasons(parts: readonly PartResult[]): string[] {
  const all = parts.flatMap(({ part, files }) =>
    files.flatMap(({ skipped }) => skipped.map(({ reason }) => ({ part, reason }))),
  )
  return [...Map.groupBy(all, ({ reason }) => reason)].map(([reason, own]) => {
    const where = [...new Set(own.map(({ part }) => part))].join(', ')
    return `${own.length} (${where}): ${reason}`
  })
}

function printList(title: string, lines: readonly string[]): void {
  if (lines.length > 0) console.log([`\n${title}`, ...lines.map((line) => `  ${line}`)].join('\n'))
}
