import { ClusterError, isClusterError } from '../errors.ts'
import { withShortage } from '../shortage/explain.ts'

/**
 * The error in the form that Vitest prints it. Vitest prints stack, properties and causes, but the message of a
 * ClusterError is complete: what happened, where, the log and the fix.
 */
export function forTerminal(given: unknown): unknown {
  const error = withShortage(given)
  if (!isClusterError(error)) return error
  const { name, details } = error
  const { message } = new ClusterError({ ...details, at: undefined })
  // The only frame of the user's: Vitest shows its line, editors and CI mark it
  const { at } = details
  const frame = at ? `\n    at ${at.file}:${at.line}:${at.column}` : ''
  return Object.defineProperties(new Error(message), {
    name: { value: name },
    stack: { value: `${name}: ${message}${frame}` },
  })
}
