import type { TestCase } from 'vitest/node'
import type {} from 'vitest-cluster/test'

/** Prints the logs that tests have as artifacts, decoded, and whether their annotation has all lines attached. */
export default class {
  readonly #found: Record<string, unknown[]> = {}

  onTestCaseResult(test: TestCase): void {
    const logs = test.artifacts().flatMap((artifact) => {
      if (artifact.type !== 'vitest-cluster:log') return []
      const { service, shared, attachments } = artifact
      // What was bytes comes from the worker as base64
      const text = Buffer.from(String(attachments?.[0]?.body), 'base64').toString()
      const annotation = test.annotations().find(({ type }) => type.startsWith(`${service} `))
      return [{ service, shared, text, attached: annotation?.attachment !== undefined }]
    })
    if (logs.length > 0) this.#found[`${test.module.relativeModuleId} > ${test.fullName}`] = logs
  }

  onTestRunEnd(): void {
    console.log(`ARTIFACTS ${JSON.stringify(this.#found)}`)
  }
}
