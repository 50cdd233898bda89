import { posix } from 'node:path'

/** The longest path, element of a path, and argument or variable that Linux accepts (execve(2)), in bytes. */
const PATH_MAX = 4095
const NAME_MAX = 255
const ARGUMENT_MAX = 131_071
/** The longest timer that Node accepts: 24.8 days. systemd accepts longer ones. */
const TIMEOUT_MAX = 2 ** 31 - 1

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds control characters
const CONTROL = /[\0-\x1f\x7f]/

/** Why a value is not text that can be an argument of a program; undefined if it is. */
export function textProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'is not a string'
  if (value.includes('\0')) return 'has a NUL character'
  if (!value.isWellFormed()) return 'has half of a surrogate pair, which UTF-8 cannot encode'
  if (Buffer.byteLength(value) > ARGUMENT_MAX) return `is longer than ${ARGUMENT_MAX} bytes`
  return undefined
}

/** Whether these arguments are too long for a program: Linux accepts 2 MiB with a stack limit of 8 MiB, the default. */
export function areTooLong(words: readonly string[]): boolean {
  return words.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0) > 2 ** 21
}

/** As {@link textProblem}, for text that becomes a line of a file. */
export function lineProblem(value: unknown): string | undefined {
  const problem = textProblem(value)
  if (problem) return problem
  return CONTROL.test(value as string) ? 'has a line break or another control character' : undefined
}

/** Why a value is not an absolute path without `..`. */
export function absolutePathProblem(value: unknown): string | undefined {
  const problem = lineProblem(value)
  if (problem) return problem
  const path = value as string
  if (!path.startsWith('/')) return 'does not begin with /'
  return partsProblem(path)
}

/** Why a value is not a relative path that stays below its base. */
export function relativePathProblem(value: unknown): string | undefined {
  const problem = lineProblem(value)
  if (problem) return problem
  const path = value as string
  if (path.startsWith('/')) return 'begins with /'
  return ['', '.'].includes(posix.normalize(path).replace(/\/$/, ''))
    ? 'names the directory itself'
    : path.endsWith('/')
      ? 'ends with /'
      : partsProblem(path)
}

function partsProblem(path: string): string | undefined {
  const parts = path.split('/')
  if (parts.includes('..')) return 'has .. in it'
  if (Buffer.byteLength(path) > PATH_MAX) return `is longer than ${PATH_MAX} bytes`
  if (parts.some((part) => Buffer.byteLength(part) > NAME_MAX))
    return `has a name longer than ${NAME_MAX} bytes`
  return undefined
}

/** Whether a value is a time span that both Node's timers and systemd accept; systemd has no times below 1 µs. */
export function isTimeout(value: unknown): value is number {
  return typeof value === 'number' && value >= 0.001 && value <= TIMEOUT_MAX
}
export const TIMEOUT_FIX = `Give milliseconds, greater than 0 and at most ${TIMEOUT_MAX} (24 days).`

/** Whether a value is a plain object, also one of another realm, such as a vm pool of Vitest. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A key that an object literal cannot define. */
export const UNUSABLE = '__proto__'
