import { checkOptionNames } from './options.ts'
import { type Refuse, refuseFor, shown } from './refuse.ts'
import { absolutePathProblem, isPlain, isTimeout, TIMEOUT_FIX, textProblem } from './words.ts'

/**
 * Checks a value, and gives it as it is to be used.
 * @param name what errors call the value: `packages[1]`
 */
export type Check<T = unknown> = (value: unknown, name: string, refuse: Refuse) => T

/** A check for each field of `T`: those that need not be there are `optional`. */
export type Fields<T> = {
  readonly [Key in keyof T]-?: Check<
    T extends { readonly [Optional in Key]: unknown } ? T[Key] : T[Key] | undefined
  >
}

/** Checks what a function is given. @param what the function, which begins the message */
export function checked<T>(
  check: Check<T>,
  given: unknown,
  {
    what,
    name = '',
    refuse = refuseFor(undefined),
  }: { what?: string; name?: string; refuse?: Refuse },
): T {
  return check(given, name, (message, fix) =>
    refuse(what === undefined ? message : `${what}: ${message}`, fix),
  )
}

/** A value with nothing wrong. @param problem what is wrong, as a sentence goes on after "which" */
export function valid<T = string>(
  problem: (value: unknown) => string | undefined,
  fix: string,
): Check<T> {
  return (value, name, refuse) => {
    const wrong = problem(value)
    if (wrong === undefined) return value as T
    const what = value === undefined ? 'missing' : `${shown(value)}, which ${wrong}`
    return refuse(`${name || 'options'} is ${what}`, fix)
  }
}

/** A value of a kind. @param kind with its article: `an array` */
export function a<T>(kind: string, is: (value: unknown) => boolean, fix: string): Check<T> {
  return valid<T>((value) => (is(value) ? undefined : `is not ${kind}`), fix)
}

/** A string of a form. */
export function matching(kind: string, form: RegExp, fix: string): Check<string> {
  return a(kind, (value) => typeof value === 'string' && form.test(value), fix)
}

/** One of some words. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  fix = `Use one of ${words.map((word) => `'${word}'`).join(', ')}.`,
): Check<Word> {
  return valid((value) => (words.includes(value as Word) ? undefined : 'is not supported'), fix)
}

export const flag: Check<boolean> = (value, name, refuse) =>
  typeof value === 'boolean'
    ? value
    : refuse(
        `${name} is ${shown(value)}, which is not a boolean`,
        `Write ${name.split('.').at(-1)}: true, or leave it out.`,
      )

/** Text that a program can be given. */
export function text(fix: string): Check<string> {
  return valid(textProblem, fix)
}

/** A path of the host. */
export function path(fix: string): Check<string> {
  return a('a path', isPath, fix)
}

export function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && textProblem(value) === undefined
}

/** A path of the tree that stays where it is written. */
export function absolutePath(fix: string): Check<string> {
  return valid(absolutePathProblem, fix)
}

/** A file's permissions. */
export const mode: Check<number> = a(
  'a file mode',
  (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0o7777,
  'Write it in octal: mode: 0o644; 0o7777 is the highest.',
)

/** A time span that both Node's timers and systemd take. */
export const timeout: Check<number> = a('a valid timeout', isTimeout, TIMEOUT_FIX)

/** A function. */
export function method<T>(fix: string): Check<T> {
  return a('a function', (value) => typeof value === 'function', fix)
}

/** A value that need not be there. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, name, refuse) => (value === undefined ? undefined : check(value, name, refuse))
}

/** A value and what else is to be said of it. */
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

export function list<T>(item: Check<T>, fix: string): Check<readonly T[]> {
  const array = a<readonly unknown[]>('an array', Array.isArray, fix)
  // Not map(): it passes over the holes of [, 'a']
  return (value, name, refuse) =>
    Array.from(array(value, name, refuse), (each, index) => item(each, `${name}[${index}]`, refuse))
}

/** The same, not empty. */
export function some<T>(all: Check<readonly T[]>, fix: string): Check<readonly T[]> {
  return also(all, ({ length }, name, refuse) => length > 0 || refuse(`${name} is empty`, fix))
}

/** An object with these fields and no others. */
export function object<T extends object>(fields: Fields<T>, fix?: string): Check<T> {
  const names = Object.keys(fields)
  const plain = a<object>('an object', isPlain, fix ?? `Write an object with ${names.join(', ')}.`)
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

/** An object with names of the user's own. */
export function record<T>(
  key: Check<string>,
  value: Check<T>,
  fix: string,
): Check<Readonly<Record<string, T>>> {
  const plain = a<object>('an object', isPlain, fix)
  return (given, name, refuse) =>
    Object.fromEntries(
      Object.entries(plain(given, name, refuse)).map(([each, part]) => [
        key(each, `a key of ${name}`, refuse),
        value(part, at(name, each), refuse),
      ]),
    )
}
