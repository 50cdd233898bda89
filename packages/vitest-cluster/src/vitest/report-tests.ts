import type { TestCase, TestModule, Vitest } from 'vitest/node'
import type { SessionReport } from '../observe/report-data.ts'
import type { OtherError, ReportTest } from '../report/report.ts'
import { reportError } from './report-errors.ts'

/** The tests of a run for the report page: results from Vitest, times and used services from the session's journal. */
export function reportTests(vitest: Vitest, { windows }: SessionReport): ReportTest[] {
  // Of a retried test the last attempt
  const byId = new Map(windows.map((window) => [window.id, window]))
  return vitest.state.getTestModules().flatMap((module) =>
    [...module.children.allTests()].map((test): ReportTest => {
      const window = byId.get(test.id)
      const { state, errors = [] } = test.result()
      return {
        name: `${module.relativeModuleId} > ${test.fullName}`,
        state: state === 'pending' ? 'running' : state,
        begin: window?.begin,
        end: window?.end,
        uses: window?.uses ?? [],
        errors: errors.map((error) => reportError(error, vitest.config.root)),
        notes: notesOf(test),
        logs: logsOf(test),
      }
    }),
  )
}

/** The errors of a run that belong to no test. */
export function otherErrors(vitest: Vitest): OtherError[] {
  const { root } = vitest.config
  const unhandled = vitest.state.getUnhandledErrors()
  return [
    ...vitest.state.getTestModules().flatMap((module) => errorsIn(module)),
    ...(unhandled.length > 0 ? [{ where: 'Unhandled errors', errors: unhandled }] : []),
  ].map(({ where, errors }) => ({ where, errors: errors.map((each) => reportError(each, root)) }))
}

/** The errors of a file, and of the hooks of its suites. */
function errorsIn(module: TestModule): { where: string; errors: readonly unknown[] }[] {
  const file = module.relativeModuleId
  const suites = [...module.children.allSuites()].map((suite) => ({
    where: `${file} > ${suite.fullName}`,
    errors: suite.errors(),
  }))
  return [{ where: file, errors: module.errors() }, ...suites].filter(
    ({ errors }) => errors.length > 0,
  )
}

/** Annotations of services that did not answer, made by test-window.ts. */
function notesOf(test: TestCase): string[] {
  return test
    .annotations()
    .filter(({ type }) => type.endsWith(' did not answer'))
    .map(({ type, message }) => `${type}: ${message}`)
}

function logsOf(test: TestCase): ReportTest['logs'] {
  return test
    .artifacts()
    .flatMap((artifact) =>
      artifact.type === 'vitest-cluster:log'
        ? [{ service: artifact.service, lines: artifact.lines, shared: artifact.shared }]
        : [],
    )
}
