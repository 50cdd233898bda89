import { ClusterError } from '../errors.ts'
import { clearTimeout, setTimeout } from '../timers.ts'
import { threw } from './thrown.ts'

/** Milliseconds in which the promise of a definition's function must settle. */
export const PROMISE_TIMEOUT = 60_000
/** The same for `state.make`, which is slow and runs once. */
export const MAKE_TIMEOUT = 600_000

/** Awaits the promise of a service's function. @throws ClusterError `INVALID_DEFINITION` if it does not settle in time, `FUNCTION_FAILED` if it is rejected */
export async function inTime<T>(
  work: PromiseLike<T>,
  { service, what, limit = PROMISE_TIMEOUT }: { service: string; what: string; limit?: number },
): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(
      new ClusterError({
        code: 'INVALID_DEFINITION',
        service,
        message: `its function ${what} did not end within ${limit / 1000} s`,
        fix: `Find what ${what} waits for, such as a promise that never settles or a program without a time limit.`,
      }),
    )
  }, limit)
  try {
    return await Promise.race([work, late.promise])
  } catch (error) {
    throw threw({ service, what }, error)
  } finally {
    clearTimeout(timer)
  }
}
