import { ClusterError } from '../errors.ts'
import { clearTimeout, setTimeout } from '../timers.ts'
import { threw } from './thrown.ts'

/** Milliseconds for a function of a definition to give what it promised. */
export const PROMISED = 60_000
/** And for a state to be made: it is costly, and made once. */
export const MADE = 600_000

/** What a function of a service promised. @throws ClusterError `INVALID_DEFINITION` when that does not come, `FUNCTION_FAILED` when it is rejected */
export async function inTime<T>(
  work: PromiseLike<T>,
  { service, what, limit = PROMISED }: { service: string; what: string; limit?: number },
): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(
      new ClusterError({
        code: 'INVALID_DEFINITION',
        service,
        message: `its function ${what} did not end within ${limit / 1000} s`,
        fix: `Look for what ${what} waits for: a promise that nobody settles, or a program without a time limit.`,
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
