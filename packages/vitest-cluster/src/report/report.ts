import type { SessionReport } from '../observe/report-data.ts'
import type { TestLog } from '../observe/test-log.ts'

/** An error of a test, as the page shows it. */
export interface ReportError {
  /** Its name, its message, and the difference of what was compared. Not the last lines that it quotes. */
  readonly text: string
  /** Where in the user's files it was thrown: `push.test.ts:12:3`, the innermost first. */
  readonly frames: readonly string[]
  /** The service that it is about. */
  readonly service?: string | undefined
  /** The last lines of that service's log, which a `ClusterError` quotes. */
  readonly lastLines?: readonly string[] | undefined
}

/** A test of the session, as far as it is known. */
export interface ReportTest {
  /** `file > suite > test` */
  readonly name: string
  /** `ran`: how it ended is not known here. */
  readonly state: 'passed' | 'failed' | 'skipped' | 'running' | 'ran'
  /** Microseconds, as the session's. Undefined for one that never ran. */
  readonly begin?: number | undefined
  readonly end?: number | undefined
  readonly uses: readonly string[]
  readonly errors: readonly ReportError[]
  /** What else was seen of it, such as a service that did not answer. */
  readonly notes: readonly string[]
  /** What services wrote while it ran; only of one that failed. */
  readonly logs: readonly TestLog[]
}

/** An error that belongs to no test: of a file that could not be loaded, of a hook, or one that nobody caught. */
export interface OtherError {
  readonly where: string
  readonly errors: readonly ReportError[]
}

/** What the page shows. Plain data. */
export interface Report {
  /** The project's name. */
  readonly project: string
  /** The time zone that the page's times are in: `Europe/Berlin`. */
  readonly zone: string
  readonly record: SessionReport
  readonly tests: readonly ReportTest[]
  readonly otherErrors: readonly OtherError[]
}

/** The tests of a session of which only the journal is known. Pure. */
export function testsOf({ windows }: SessionReport): ReportTest[] {
  return windows.map(({ name, begin, end, uses }) => ({
    name,
    state: end === undefined ? 'running' : 'ran',
    begin,
    end,
    uses,
    errors: [],
    notes: [],
    logs: [],
  }))
}
