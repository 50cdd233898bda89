import type { SessionReport } from '../observe/report-data.ts'
import type { TestLog } from '../observe/test-log.ts'

/** A test of the session, as far as it is known. */
export interface ReportTest {
  /** `file > suite > test` */
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped' | 'running' | 'unknown'
  /** Microseconds, as the session's. Undefined for one that never ran. */
  readonly begin?: number | undefined
  readonly end?: number | undefined
  readonly uses: readonly string[]
  /** Why it failed, as Vitest prints it. */
  readonly errors: readonly string[]
  /** What services wrote while it ran; only of one that failed. */
  readonly logs: readonly TestLog[]
}

/** What the page shows. Plain data. */
export interface Report {
  readonly record: SessionReport
  readonly tests: readonly ReportTest[]
}

/** The tests of a session of which only the journal is known. Pure. */
export function testsOf({ windows }: SessionReport): ReportTest[] {
  return windows.map(({ name, begin, end, uses }) => ({
    name,
    state: end === undefined ? 'running' : 'unknown',
    begin,
    end,
    uses,
    errors: [],
    logs: [],
  }))
}
