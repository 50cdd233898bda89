import { isAbsolute } from 'node:path'
import type { CommandLayer, FileSource, FilesLayer, PackagesLayer } from './tree.ts'
import { check, checkPackages, text, unique } from './tree-checks.ts'

/** A layer of files, by their absolute paths in the tree. @throws ClusterError `INVALID_DEFINITION` */
export function files(paths: Readonly<Record<string, FileSource>>): FilesLayer {
  for (const [path, source] of Object.entries(paths)) {
    check(
      isAbsolute(path) && !path.split('/').includes('..') && !path.includes('\0') && path !== '/',
      `files: ${text(path)} would leave the tree, or is no absolute path`,
      "Write '/etc/motd': a path from the tree's root, without ..",
    )
    const known =
      typeof source === 'string' ||
      (typeof source === 'object' && source !== null && ('content' in source || 'from' in source))
    check(
      known,
      `files: ${path} has neither content nor from`,
      `Write '${path}': 'text', or { from: 'file', mode: 0o755 }.`,
    )
    const { mode, owner } = typeof source === 'string' ? {} : source
    check(
      mode === undefined || (Number.isInteger(mode) && mode >= 0 && mode <= 0o7777),
      `files: ${path} has mode ${text(mode)}`,
      'Write it in octal: mode: 0o644.',
    )
    check(
      owner === undefined ||
        /^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/.test(owner),
      `files: ${path} has owner ${text(owner)}`,
      "Write owner: 'user' or 'user:group'.",
    )
  }
  return { kind: 'files', files: paths }
}

/** A layer of packages that the tree's own package manager installs, with what they depend on. */
export function packages(names: readonly string[]): PackagesLayer {
  checkPackages('packages', names)
  check(names.length > 0, 'packages: the list is empty', "Write packages(['slapd']).")
  return { kind: 'packages', packages: unique(names) }
}

export interface CommandOptions {
  /** Files and directories of the host that it depends on: it sees them, and only them, below its working directory. */
  readonly inputs?: readonly string[]
  /** Whether it may reach the network. False by default. */
  readonly network?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** A layer made by a program of the tree, run as its root. The program and its arguments; never a shell string. */
export function command(argv: readonly string[], options: CommandOptions = {}): CommandLayer {
  const words =
    Array.isArray(argv) && argv.length > 0 && argv.every((word) => typeof word === 'string')
  check(
    words,
    `command: ${text(argv)} is no program with its arguments`,
    "Write command(['make', 'install']).",
  )
  const { inputs = [], network = false, env = {} } = options
  return { kind: 'command', argv, inputs, network, env }
}
