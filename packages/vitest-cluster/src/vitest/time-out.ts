const WORDS = /time[ds]?[ -]?out|abort/i
const DEEPEST = 10

/** Whether an error, or one of its causes, is a time-out: of Vitest, or of a client in the test. */
export function isTimeOut(error: unknown, depth = 0): boolean {
  if (typeof error === 'string') return WORDS.test(error)
  if (typeof error !== 'object' || error === null || depth > DEEPEST) return false
  const { name, message, code, cause } = error as Record<string, unknown>
  const says = [name, message, code].some((text) => typeof text === 'string' && WORDS.test(text))
  return says || isTimeOut(cause, depth + 1)
}
