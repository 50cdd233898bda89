import { ClusterError } from '../errors.ts'

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
export function text(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined'
}

/** @throws ClusterError `INVALID_DEFINITION` unless all is right */
export function check(right: boolean, message: string, mend: string): void {
  if (!right) throw invalid(message, mend)
}

export function invalid(message: string, mend: string): ClusterError {
  return new ClusterError({ code: 'INVALID_DEFINITION', message, mend })
}
