import { stripVTControlCharacters } from 'node:util'
import type { TestCase, Vitest } from 'vitest/node'
import type { SessionReport } from '../observe/report-data.ts'
import type { ReportTest } from '../report/report.ts'

/** The tests of a run for the report page: Vitest knows how they ended, the session's journal when and with what. */
export function reportTests(vitest: Vitest, { windows }: SessionReport): ReportTest[] {
  // The last attempt of a test that was tried again
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
        errors: errors.map((error) => stripVTControlCharacters(error.stack || error.message)),
        logs: logsOf(test),
      }
    }),
  )
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
