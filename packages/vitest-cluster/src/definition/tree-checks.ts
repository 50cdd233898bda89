import { ClusterError } from '../errors.ts'
import { clipped, shown } from './refuse.ts'
import { isPlain, textProblem } from './words.ts'

/** Checks names of packages, which become arguments of a package manager. */
export function checkPackages(what: string, names: readonly string[]): void {
  check(Array.isArray(names), `${what}: packages is no array`, "Write packages: ['slapd'].")
  for (const name of names) {
    check(
      typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9+._:~=@/-]*$/.test(name),
      `${what}: ${text(name)} is no name of a package`,
      "Write packages: ['slapd', 'openssh-server'].",
    )
  }
}

/** Sorted, each once: their order says nothing. */
export function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}

/** A value as a reader would write it. */
export const text = shown

/** A path of the host, absolute or not. */
export function isPath(path: unknown): path is string {
  return typeof path === 'string' && path !== '' && textProblem(path) === undefined
}

/** Checks that options are an object with no other names than these. */
export function checkOptions(what: string, options: unknown, names: readonly string[]): void {
  const have = `There are ${names.join(', ')}.`
  check(isPlain(options), `${what}: ${text(options)} are no options`, have)
  const unknown = Object.keys(options as object).find((key) => !names.includes(key))
  check(unknown === undefined, `${what}: there is no option ${text(unknown)}`, have)
}

/** Checks variables of a program's environment. */
export function checkVariables(what: string, env: unknown): void {
  const right =
    isPlain(env) &&
    Object.entries(env).every(
      ([name, value]) => name !== '' && !/[=\0]/.test(name) && textProblem(value) === undefined,
    )
  check(right, `${what}: env is ${text(env)}`, "Write env: { LANG: 'C.UTF-8' }.")
}

/** Checks that a switch is one. */
export function checkSwitches(what: string, switches: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(switches)) {
    check(
      value === undefined || typeof value === 'boolean',
      `${what}: ${key} is ${text(value)}`,
      `Write ${key}: true, or leave it out.`,
    )
  }
}

/** @throws ClusterError `INVALID_DEFINITION` unless all is right */
export function check(right: boolean, message: string, fix: string): void {
  if (!right) throw invalid(message, fix)
}

export function invalid(message: string, fix: string): ClusterError {
  return new ClusterError({
    code: 'INVALID_DEFINITION',
    message: clipped(message),
    fix: clipped(fix),
  })
}
