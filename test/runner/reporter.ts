import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import type { FileResult, Skip } from './results.ts'
import { isExpected, thisMachine } from './skips.ts'

const { VITEST_CLUSTER_TEST_RESULTS: output, VITEST_CLUSTER_TEST_AXES: axes } = process.env
const machine = thisMachine()
const REPOSITORY = new URL('../..', import.meta.url).pathname

/** Writes what became of each file into the file that VITEST_CLUSTER_TEST_RESULTS names, and says which skips nobody expects. */
export default class ResultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const files = modules.map(fileResult)
    if (errors.length > 0) files.push(unhandled(errors.length))
    for (const { file, skipped } of files)
      for (const { test, reason, expected } of skipped)
        if (!expected)
          console.error(`skipped, and nothing here explains it: ${file} > ${test}: ${reason}`)
    if (output) writeFileSync(output, JSON.stringify(files))
  }
}

function fileResult(module: TestModule): FileResult {
  const tests = [...module.children.allTests()].filter(isChosen)
  const failed = tests.filter((test) => test.result().state === 'failed').map(nameOf)
  // A file that cannot be loaded, and a hook that throws, fail without a test that does
  if (failed.length === 0 && !module.ok()) failed.push('the file itself')
  return {
    group: module.project.name,
    file: relative(REPOSITORY, module.moduleId),
    seconds: module.diagnostic().duration / 1000,
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed,
    skipped: tests.filter((test) => !hasRun(test)).map(skip),
  }
}

/** What scripts/suite was asked for leaves it; what Vitest leaves out for its tags, it reports as skipped. */
function isChosen({ tags }: TestCase): boolean {
  return axes === undefined || axes.split(' ').some((axis) => tags.includes(axis))
}

const hasRun = (test: TestCase) => ['passed', 'failed'].includes(test.result().state)

function skip(test: TestCase): Skip {
  const result = test.result()
  const note = result.state === 'skipped' ? result.note : undefined
  const title = /\((?:this machine cannot|cannot|skipped): (.+?)\)(?: > |$)/.exec(
    test.fullName,
  )?.[1]
  const reason = note ?? title ?? test.fullName
  return { test: nameOf(test), reason, expected: isExpected(reason, machine) }
}

const nameOf = (test: TestCase) => test.fullName

function unhandled(count: number): FileResult {
  const failed = [`${count} error${count === 1 ? '' : 's'} outside of any test`]
  return { group: 'vitest', file: '-', seconds: 0, passed: 0, failed, skipped: [] }
}
