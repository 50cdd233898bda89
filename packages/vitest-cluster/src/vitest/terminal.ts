import { ClusterError, isClusterError } from '../errors.ts'
import { withShortage } from '../shortage/explain.ts'

/**
 * What Vitest is to print of an error. It prints stack, properties and causes; for a user's mistake the message says it
 * all: what, where, the fix, the log.
 */
export function forTerminal(given: unknown): unknown {
  const error = withShortage(given)
  if (!isClusterError(error)) return error
  const { name, details } = error
  const { message } = new ClusterError({ ...details, at: undefined })
  // The one frame that is the user's: Vitest shows the line, editors and CI mark it
  const { at } = details
  const frame = at ? `\n    at ${at.file}:${at.line}:${at.column}` : ''
  return Object.defineProperties(new Error(message), {
    name: { value: name },
    stack: { value: `${name}: ${message}${frame}` },
  })
}
