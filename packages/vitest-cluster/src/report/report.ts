import type { SessionReport } from '../observe/report-data.ts'
import type { TestLog } from '../observe/test-log.ts'

/** An error of a test, as the page shows it. */
export interface ReportError {
  /** The error's name, message and diff, without the log lines that the message quotes. */
  readonly text: string
  /** The frames of its stack in the user's files, innermost first: `push.test.ts:12:3`. */
  readonly frames: readonly string[]
  /** The service that the error is about. */
  readonly service?: string | undefined
  /** The last lines of that service's log, which a `ClusterError` quotes. */
  readonly lastLines?: readonly string[] | undefined
}

/** A test of the session. */
export interface ReportTest {
  /** `file > suite > test` */
  readonly name: string
  /** `ran`: the result is unknown, because the page is not written by the run. */
  readonly state: 'passed' | 'failed' | 'skipped' | 'running' | 'ran'
  /** Microseconds of CLOCK_MONOTONIC. Undefined for a test that never ran. */
  readonly begin?: number | undefined
  readonly end?: number | undefined
  readonly uses: readonly string[]
  readonly errors: readonly ReportError[]
  /** Further observations, such as a service that did not answer. */
  readonly notes: readonly string[]
  /** What services wrote while the test ran; empty unless it failed. */
  readonly logs: readonly TestLog[]
}

/** An error outside of tests: of a file that could not be loaded, of a hook, or an unhandled one. */
export interface OtherError {
  readonly where: string
  readonly errors: readonly ReportError[]
}

/** The data of the page. */
export interface Report {
  /** The project's name. */
  readonly project: string
  /** The time zone that the page's times are in: `Europe/Berlin`. */
  readonly zone: string
  readonly record: SessionReport
  readonly tests: readonly ReportTest[]
  readonly otherErrors: readonly OtherError[]
}

/** The tests of a session by its journal alone, without their results. Pure. */
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
