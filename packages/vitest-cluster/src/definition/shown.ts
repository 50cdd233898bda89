import { inspect } from 'node:util'

const LONGEST = 200
const LONGEST_MESSAGE = 2000

/** A value as its author would write it, for a message. Takes anything: cycles, BigInt, objects that throw. */
export function shown(value: unknown): string {
  const text = written(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

/** A message about names that may be as long as anybody likes. */
export function clipped(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message
}

function written(value: unknown): string {
  try {
    const plain = typeof value === 'string' || (typeof value === 'object' && value !== null)
    const text = plain && !(value instanceof Promise) ? JSON.stringify(value) : undefined
    return text ?? inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY })
  } catch {
    // A cycle, a BigInt inside, or a `toJSON` that throws
    return inspected(value)
  }
}

function inspected(value: unknown): string {
  try {
    return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, getters: false })
  } catch {
    return `a value of type ${typeof value}`
  }
}
