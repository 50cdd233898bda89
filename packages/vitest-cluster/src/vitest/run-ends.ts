import type { Vitest } from 'vitest/node'
import { ClusterError } from '../errors.ts'
import type { UnaskedEnd } from '../observe/unasked-ends.ts'
import type { OpenedSession } from '../open/session.ts'

/** Reports what of a session ended though no test asked for it, and makes the run fail where it failed. */
export class RunEnds {
  readonly #vitest: Vitest
  #told = new Set<string>()

  constructor(vitest: Vitest) {
    this.#vitest = vitest
  }

  /** At the end of a run. In watch mode each run tells again what is down. */
  async runEnded(session: OpenedSession): Promise<void> {
    this.#told = new Set()
    await this.report(session)
  }

  /** Reports what this run has not yet told. @returns whether the run fails for it */
  async report(session: OpenedSession): Promise<boolean> {
    const ends = await session.unaskedEnds()
    for (const end of ends) {
      const key = `${end.service}: ${end.message}`
      if (this.#told.has(key)) continue
      this.#told.add(key)
      if (!saidByTest(this.#vitest, end))
        // On standard error: a reporter may have standard output to itself
        this.#vitest.logger.error(`vitest-cluster: ${new ClusterError(end.details).message}`)
    }
    const failed = ends.some((end) => end.failed)
    // Vitest 4 takes no notice of a teardown that throws
    if (failed) process.exitCode = 1
    return failed
  }
}

/** Whether the failure of a test has said already how a service ended. */
function saidByTest({ state }: Vitest, { service, message }: UnaskedEnd): boolean {
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
