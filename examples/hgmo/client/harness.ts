/** What Mercurial's harness said of one file. */
export interface Outcome {
  readonly result: 'passed' | 'failed' | 'cannot run'
  /** Why it failed or cannot run, in the harness's words; empty if it passed. */
  readonly reason: string
  /** The differing lines, as a unified diff. */
  readonly diff: string
}

/**
 * Reads the output of run-tests.py for one file. Pure.
 * @param exitCode that of the harness: 0 also for a file that was skipped
 */
export function harnessOutcome(output: string, exitCode: number): Outcome {
  const lines = output.split('\n')
  const [, ran, skipped, failed] =
    /^# Ran (\d+) tests, (\d+) skipped, (\d+) failed\.$/m.exec(output) ?? []
  const reasonOf = (word: string) =>
    new RegExp(`^${word} [^:]+: (.*)$`, 'm').exec(output)?.[1] ?? ''
  if (ran === undefined) {
    const last = lines.findLast((line) => line.trim() !== '') ?? 'no output'
    return { result: 'failed', reason: `the harness ended with ${exitCode}: ${last}`, diff: '' }
  }
  if (exitCode !== 0 || failed !== '0') {
    const reason = reasonOf('Failed') || reasonOf('Errored') || `exit code ${exitCode}`
    return { result: 'failed', reason, diff: diffOf(lines) }
  }
  if (skipped !== '0') return { result: 'cannot run', reason: reasonOf('Skipped'), diff: '' }
  if (ran === '0') return { result: 'cannot run', reason: 'the harness found no test', diff: '' }
  return { result: 'passed', reason: '', diff: '' }
}

/** Reads the output of a Python test, which has no expected output. Pure. */
export function pythonOutcome(output: string, exitCode: number): Outcome {
  if (exitCode === 0) return { result: 'passed', reason: '', diff: '' }
  return { result: 'failed', reason: `exit code ${exitCode}`, diff: output.trimEnd() }
}

/** The lines that differ, without those around them. */
export function differing(diff: string): string[] {
  return diff.split('\n').filter((line) => /^[-+](?!--|\+\+)/.test(line))
}

function diffOf(lines: readonly string[]): string {
  const start = lines.findIndex((line) => line.startsWith('--- '))
  if (start === -1) return ''
  const end = lines.findIndex((line, i) => i > start && /^ERROR: .* output changed$/.test(line))
  return lines
    .slice(start, end === -1 ? undefined : end)
    .join('\n')
    .trimEnd()
}
