import { ClusterError, isClusterError, type Site } from '../errors.ts'
import { userFrames } from './frames.ts'
import { clipped, shown } from './refuse.ts'

/** The function that threw. */
export interface Thrower {
  readonly service: string
  /** The field of the service: `values`, `state.make`. */
  readonly what: string
}

/** Calls a function of a service's definition. @throws ClusterError made by {@link threw} */
export function calling<T>(thrower: Thrower, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw threw(thrower, error)
  }
}

/**
 * The error for what a function of a service's definition threw, or its promise was rejected with: it names the service,
 * the function and the line of the user's code, and has the user's error as its `cause`. A ClusterError stays as it is.
 */
export function threw({ service, what }: Thrower, error: unknown): ClusterError {
  if (isClusterError(error)) return error
  return new ClusterError(
    {
      code: 'FUNCTION_FAILED',
      service,
      message: `its function ${what} threw ${described(error)}`,
      at: thrownAt(error),
      fix: `Fix the function ${what} of the service, or what it calls.`,
    },
    { cause: error },
  )
}

/** How many causes, or errors of an AggregateError, a message has. */
const SHOWN = 3

/** Describes any thrown value. */
export function described(error: unknown, depth = SHOWN): string {
  try {
    return clipped(inWords(error, depth).trimEnd())
  } catch {
    // A getter, or a Proxy, that throws
    return 'an error that cannot be read'
  }
}

function inWords(error: unknown, depth: number): string {
  if (!(error instanceof Error)) return `${shown(error)}, which is not an Error`
  const { name, message, cause } = error
  const own = message === '' ? `${name} without a message` : `${name}: ${message}`
  if (depth === 0) return own
  const parts = error instanceof AggregateError ? error.errors.slice(0, SHOWN) : []
  const list = parts.map((part, i) => `\n(${i + 1}) ${inWords(part, depth - 1)}`).join('')
  return cause === undefined ? own + list : `${own}${list}\ncaused by ${inWords(cause, depth - 1)}`
}

/** The innermost line of the user's own code in the stack of an error, or of one of its causes. */
export function thrownAt(error: unknown, depth = SHOWN): Site | undefined {
  if (!(error instanceof Error)) return undefined
  const [site] = userFrames(error)
  if (site || depth === 0) return site
  const others = error instanceof AggregateError ? error.errors : []
  for (const other of [error.cause, ...others]) {
    const found = thrownAt(other, depth - 1)
    if (found) return found
  }
  return undefined
}
