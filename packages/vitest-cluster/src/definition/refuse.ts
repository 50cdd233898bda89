import { ClusterError, type ClusterErrorCode, isClusterError } from '../errors.ts'

/** Refuses a part of a service. */
export type Refuse = (what: string, fix: string) => never

/** Refuses parts of a service by its name. */
export function refuseFor(service: string | undefined): Refuse {
  return (what, fix) => fail('INVALID_DEFINITION', service, what, fix)
}

export function fail(
  code: ClusterErrorCode,
  service: string | undefined,
  message: string,
  fix: string,
): never {
  throw new ClusterError({ code, service, message: clipped(message), fix: clipped(fix) })
}

/** Runs a check of an object that may throw when it is read: a getter, a Proxy. @throws only ClusterError */
export function reading<T>(what: string, service: string | undefined, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (isClusterError(error)) throw error
    throw new ClusterError(
      {
        code: 'INVALID_DEFINITION',
        service,
        message: `${what} cannot be read: ${error instanceof Error ? error.message : shown(error)}`,
        fix: 'Write plain objects, without getters that throw.',
      },
      { cause: error },
    )
  }
}

const LONGEST = 200
const LONGEST_MESSAGE = 2000

/** A value as source text, for a message. Accepts any value: cycles, BigInt, objects that throw. */
export function shown(value: unknown): string {
  const text = written(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

/** Shortens a message, since names in it may have any length. */
export function clipped(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message
}

function written(value: unknown): string {
  try {
    const plain = typeof value === 'string' || (typeof value === 'object' && value !== null)
    const text = plain && !(value instanceof Promise) ? JSON.stringify(value) : undefined
    return text ?? inspected(value)
  } catch {
    // A cycle, a BigInt inside, or a `toJSON` that throws
    return inspected(value)
  }
}

function inspected(value: unknown): string {
  try {
    // Not imported: an import takes 2 ms of every test file, and only errors need it
    const { inspect } = process.getBuiltinModule('node:util')
    return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, getters: false })
  } catch {
    return `a value of type ${typeof value}`
  }
}
