import type { Vitest } from 'vitest/node'
import { ClusterError } from '../errors.ts'
import type { UnexpectedEnd } from '../observe/unexpected-ends.ts'
import type { OpenedSession } from '../open/session.ts'

/** Reports services and managers that ended unexpectedly, and makes the run fail if they failed. */
export class RunEnds {
  readonly #vitest: Vitest
  #told = new Set<string>()

  constructor(vitest: Vitest) {
    this.#vitest = vitest
  }

  /** Called at the end of a run. In watch mode each run reports again what is down. */
  async runEnded(session: OpenedSession): Promise<void> {
    this.#told = new Set()
    await this.report(session)
  }

  /** Reports ends that this run has not reported yet. @returns whether the run fails because of them */
  async report(session: OpenedSession): Promise<boolean> {
    const ends = await session.unexpectedEnds()
    for (const end of ends) {
      const key = `${end.service}: ${end.message}`
      if (this.#told.has(key)) continue
      this.#told.add(key)
      if (!reportedByTest(this.#vitest, end))
        // On standard error: a reporter may write its format to standard output
        this.#vitest.logger.error(`vitest-cluster: ${new ClusterError(end.details).message}`)
    }
    const failed = ends.some((end) => end.failed)
    // Vitest 4 ignores a teardown that throws
    if (failed) process.exitCode = 1
    return failed
  }
}

/** Whether the error of a failed test has already reported the end of a service. */
function reportedByTest({ state }: Vitest, { service, message }: UnexpectedEnd): boolean {
  const own = service ? `${service}: ${message}` : message
  return state.getTestModules().some((module) =>
    [...module.children.allTests('failed')].some((test) => {
      const { errors = [] } = test.result()
      return (
        errors.some((error) => error.message.includes(own)) ||
        test.annotations().some((each) => each.type === service && each.message.includes(message))
      )
    }),
  )
}
