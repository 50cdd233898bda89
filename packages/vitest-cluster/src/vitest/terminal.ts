import { isClusterError } from '../errors.ts'

/**
 * What Vitest is to print of an error. It prints stack, properties and causes; for a user's mistake the message says it
 * all: what, where, the mend, the log.
 */
export function forTerminal(error: unknown): unknown {
  if (!isClusterError(error)) return error
  const { name, message } = error
  return Object.defineProperties(new Error(message), {
    name: { value: name },
    stack: { value: `${name}: ${message}` },
  })
}
