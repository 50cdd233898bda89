/** What one run of Vitest, or one check, came to: a file of JSON a run, which `summary.ts` adds up. */
export interface PartResult {
  /** Where it ran: `here`, `trixie-dev`. */
  readonly part: string
  /** Wall time in seconds. */
  readonly seconds: number
  readonly files: readonly FileResult[]
}

export interface FileResult {
  /** The group of vitest.config.ts that it is in; `check` for what is not a test of Vitest's. */
  readonly group: string
  /** Its path in the repository. */
  readonly file: string
  readonly seconds: number
  readonly passed: number
  /** Names of tests that failed, or the file's own where it could not be run. */
  readonly failed: readonly string[]
  readonly skipped: readonly Skip[]
}

export interface Skip {
  readonly test: string
  readonly reason: string
  /** The machine explains it (skips.ts). */
  readonly expected: boolean
}

/** Names of what failed, and of what was skipped without a reason that the machine has. */
export function failuresOf(files: readonly FileResult[]): string[] {
  return files.flatMap(({ file, failed, skipped }) => [
    ...failed.map((test) => `${file} > ${test}`),
    ...skipped
      .filter(({ expected }) => !expected)
      .map(({ test, reason }) => `${file} > ${test}: skipped, which nothing explains: ${reason}`),
  ])
}
