import type { TestCase } from 'vitest/node'
import type {} from 'vitest-cluster/test'

/** Prints the logs that tests have as artifacts, decoded. */
export default class {
  readonly #found: Record<string, unknown[]> = {}

  onTestCaseResult(test: TestCase): void {
    for (const artifact of test.artifacts()) {
      if (artifact.type !== 'vitest-cluster:log') continue
      const { service, shared, attachments } = artifact
      // What was bytes comes from the worker as base64
      const text = Buffer.from(String(attachments?.[0]?.body), 'base64').toString()
      this.#found[`${test.module.relativeModuleId} > ${test.fullName}`] ??= []
      this.#found[`${test.module.relativeModuleId} > ${test.fullName}`]?.push({
        service,
        shared,
        text,
      })
    }
  }

  onTestRunEnd(): void {
    console.log(`ARTIFACTS ${JSON.stringify(this.#found)}`)
  }
}
