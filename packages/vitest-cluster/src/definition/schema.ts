import { checkOptionNames } from './options.ts'
import { type Refuse, refuseFor, shown } from './refuse.ts'
import {
  absolutePathProblem,
  isPlain,
  isTimeout,
  lineProblem,
  TIMEOUT_FIX,
  textProblem,
} from './words.ts'

/**
 * Checks a value and returns it. Any function of this type is a check.
 * @param name the path to the value, for messages: `packages[1]`
 * @param refuse throws the error
 */
export type Check<T = unknown> = (value: unknown, name: string, refuse: Refuse) => T

/** A check for each field of `T`; optional fields have an {@link optional} check. */
export type Fields<T> = {
  readonly [Key in keyof T]-?: Check<
    T extends { readonly [Optional in Key]: unknown } ? T[Key] : T[Key] | undefined
  >
}

/** What {@link checked} writes into its errors. */
export interface CheckedOptions {
  /** The function, which begins the message: `site`. */
  readonly what?: string
  /** The name of the argument; without it the argument is the options. */
  readonly name?: string
  /** Throws the error; by default a `ClusterError` with the code `INVALID_DEFINITION`. */
  readonly refuse?: Refuse
}

/**
 * Checks an argument of a function, and returns a copy with the options of its table.
 * @throws ClusterError `INVALID_DEFINITION`, or what `refuse` throws
 */
export function checked<T>(
  check: Check<T>,
  given: unknown,
  { what, name = '', refuse = refuseFor(undefined) }: CheckedOptions,
): T {
  return check(given, name, (message, fix) =>
    refuse(what === undefined ? message : `${what}: ${message}`, fix),
  )
}

/**
 * A value in which `problem` finds nothing wrong.
 * @param problem returns what is wrong, such as `has a slash`, or undefined
 * @param fix what to write instead
 */
export function valid<T = string>(
  problem: (value: unknown) => string | undefined,
  fix: string,
  options: {
    /** Messages do not show the value: a password. */
    readonly secret?: boolean
  } = {},
): Check<T> {
  return (value, name, refuse) => {
    const wrong = problem(value)
    if (wrong === undefined) return value as T
    const known = options.secret ? wrong : `is ${shown(value)}, which ${wrong}`
    return refuse(`${name || 'options'} ${value === undefined ? 'is missing' : known}`, fix)
  }
}

/** A value of a kind. @param kind with its article: `an array` */
export function a<T>(kind: string, is: (value: unknown) => boolean, fix: string): Check<T> {
  return valid<T>((value) => (is(value) ? undefined : `is not ${kind}`), fix)
}

/** A string that matches `form`. @param kind with its article: `a host name` */
export function matching(kind: string, form: RegExp, fix: string): Check<string> {
  return a(kind, (value) => typeof value === 'string' && form.test(value), fix)
}

/** One of these words. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  fix = `Use one of ${words.map((word) => `'${word}'`).join(', ')}.`,
): Check<Word> {
  return valid((value) => (words.includes(value as Word) ? undefined : 'is not supported'), fix)
}

/** `true` or `false`. */
export const flag: Check<boolean> = (value, name, refuse) => {
  if (typeof value === 'boolean') return value
  const option = name.split('.').at(-1)
  return refuse(
    `${name} is ${shown(value)}, which is not a boolean`,
    `Write ${option}: true or ${option}: false.`,
  )
}

/** Text that fits into an argument or a variable of a program: no NUL character, at most 131 071 bytes. */
export function text(fix: string): Check<string> {
  return valid(textProblem, fix)
}

/** One line of text that is not blank and has no control characters. */
export function line(fix: string): Check<string> {
  return valid(
    (value) => lineProblem(value) ?? (String(value).trim() === '' ? 'is blank' : undefined),
    fix,
  )
}

/** A path of the host: text that is not empty. */
export function path(fix: string): Check<string> {
  return a('a path', isPath, fix)
}

export function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && textProblem(value) === undefined
}

/** An absolute path of the tree, without `..`. */
export function absolutePath(fix: string): Check<string> {
  return valid(absolutePathProblem, fix)
}

/** A file's permissions. */
export const mode: Check<number> = a(
  'a file mode',
  (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0o7777,
  'Write it in octal: mode: 0o644; 0o7777 is the highest.',
)

/** Milliseconds that both Node's timers and systemd accept: greater than 0, at most 24 days. */
export const timeout: Check<number> = a('a valid timeout', isTimeout, TIMEOUT_FIX)

/** A function. */
export function method<T>(fix: string): Check<T> {
  return a('a function', (value) => typeof value === 'function', fix)
}

/** A value that may be left out. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, name, refuse) => (value === undefined ? undefined : check(value, name, refuse))
}

/** A checked value with a further rule, which calls `refuse` where the value breaks it. */
export function also<T>(
  check: Check<T>,
  rule: (value: T, name: string, refuse: Refuse) => unknown,
): Check<T> {
  return (value, name, refuse) => {
    const right = check(value, name, refuse)
    rule(right, name, refuse)
    return right
  }
}

/** An array whose items all pass a check. */
export function list<T>(item: Check<T>, fix: string): Check<readonly T[]> {
  const array = a<readonly unknown[]>('an array', Array.isArray, fix)
  // Array.from: map() skips the holes of [, 'a']
  return (value, name, refuse) =>
    Array.from(array(value, name, refuse), (each, index) => item(each, `${name}[${index}]`, refuse))
}

/** A list that is not empty. */
export function some<T>(all: Check<readonly T[]>, fix: string): Check<readonly T[]> {
  return also(all, ({ length }, name, refuse) => length > 0 || refuse(`${name} is empty`, fix))
}

function plainObject(fix: string): Check<object> {
  return valid((value) => {
    if (isPlain(value)) return undefined
    const isOther = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isOther ? 'is not a plain object' : 'is not an object'
  }, fix)
}

/** An object with these fields and no others. @param fix the default names the fields */
export function object<T extends object>(fields: Fields<T>, fix?: string): Check<T> {
  const names = Object.keys(fields)
  const plain = plainObject(fix ?? `Write an object with ${names.join(', ')}.`)
  return (value, name, refuse) => {
    const given = plain(value, name, refuse) as Readonly<Record<string, unknown>>
    checkOptionNames(name || undefined, given, names, refuse)
    const entries = Object.entries<Check>(fields).map(([key, check]) => [
      key,
      check(given[key], name ? `${name}.${key}` : key, refuse),
    ])
    return Object.fromEntries(entries.filter(([, each]) => each !== undefined))
  }
}

function at(name: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${name}.${key}` : `${name}[${shown(key)}]`
}

/** An object whose names the user chooses, such as users by their names. */
export function record<T>(
  key: Check<string>,
  value: Check<T>,
  fix: string,
): Check<Readonly<Record<string, T>>> {
  const plain = plainObject(fix)
  return (given, name, refuse) =>
    Object.fromEntries(
      Object.entries(plain(given, name, refuse)).map(([each, part]) => [
        key(each, `a key of ${name}`, refuse),
        value(part, at(name, each), refuse),
      ]),
    )
}
