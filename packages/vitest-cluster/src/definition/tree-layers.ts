import { reading } from './refuse.ts'
import type { CommandLayer, FileSource, FilesLayer, PackagesLayer } from './tree.ts'
import {
  check,
  checkOptions,
  checkPackages,
  checkSwitches,
  checkVariables,
  isPath,
  text,
  unique,
} from './tree-checks.ts'
import { absolutePathProblem, isPlain, textProblem } from './words.ts'

/** A layer of files, by their absolute paths in the tree. @throws ClusterError `INVALID_DEFINITION` */
export function files(paths: Readonly<Record<string, FileSource>>): FilesLayer {
  return reading('files', undefined, () => filesLayer(paths))
}

function filesLayer(paths: Readonly<Record<string, FileSource>>): FilesLayer {
  check(
    isPlain(paths),
    `files: ${text(paths)} are no files`,
    "Write files({ '/etc/motd': 'text' }).",
  )
  for (const [path, source] of Object.entries(paths)) {
    const problem = absolutePathProblem(path)
    check(
      problem === undefined && path.split('/').some((part) => part !== ''),
      `files: ${text(path)} would leave the tree, or is no absolute path${problem ? `: it ${problem}` : ''}`,
      "Write '/etc/motd': a path from the tree's root, without ..",
    )
    check(
      isSource(source),
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
        (typeof owner === 'string' &&
          /^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/.test(owner)),
      `files: ${path} has owner ${text(owner)}`,
      "Write owner: 'user' or 'user:group'.",
    )
  }
  return { kind: 'files', files: paths }
}

function isSource(source: unknown): boolean {
  if (typeof source === 'string') return true
  if (!isPlain(source)) return false
  const { content, from } = source
  if ('content' in source) return typeof content === 'string' || content instanceof Uint8Array
  return isPath(from) || from instanceof URL
}

/** A layer of packages that the tree's own package manager installs, with what they depend on. */
export function packages(names: readonly string[]): PackagesLayer {
  return reading('packages', undefined, () => packagesLayer(names))
}

function packagesLayer(names: readonly string[]): PackagesLayer {
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
  return reading('command', undefined, () => commandLayer(argv, options))
}

function commandLayer(argv: readonly string[], options: CommandOptions): CommandLayer {
  const words =
    Array.isArray(argv) &&
    argv.length > 0 &&
    argv.every((word) => textProblem(word) === undefined) &&
    argv[0] !== ''
  check(
    words,
    `command: ${text(argv)} is no program with its arguments`,
    "Write command(['make', 'install']).",
  )
  checkOptions('command', options, ['inputs', 'network', 'env'])
  const { inputs = [], network = false, env = {} } = options
  check(
    Array.isArray(inputs) && inputs.every(isPath),
    `command: inputs: ${text(inputs)} are no paths`,
    "Write inputs: ['config'].",
  )
  checkSwitches('command', { network })
  checkVariables('command', env)
  return { kind: 'command', argv, inputs, network, env }
}
