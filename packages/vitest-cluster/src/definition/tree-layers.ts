import { checkedEnv } from './check-env.ts'
import { reading } from './refuse.ts'
import {
  a,
  also,
  type Check,
  checked,
  flag,
  isPath,
  list,
  matching,
  mode,
  object,
  optional,
  record,
  some,
  text,
  valid,
} from './schema.ts'
import type { CommandLayer, FileSource, FilesLayer, PackagesLayer } from './tree.ts'
import { PACKAGES, paths, unique } from './tree-checks.ts'
import { absolutePathProblem } from './words.ts'

const SOURCE = "Write 'text', { content: 'text', mode: 0o755 } or { from: 'file' }."
const ATTRIBUTES = {
  mode: optional(mode),
  owner: optional(
    matching(
      'the name of an owner',
      /^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/,
      "Write owner: 'user' or 'user:group'.",
    ),
  ),
}
type Source = {
  readonly content?: string | Uint8Array
  readonly from?: string | URL
  readonly mode?: number
  readonly owner?: string
}
const OBJECT = also(
  object<Source>(
    {
      content: optional(
        a('text or bytes', (of) => typeof of === 'string' || of instanceof Uint8Array, SOURCE),
      ),
      from: optional(a('a path or a URL', (of) => isPath(of) || of instanceof URL, SOURCE)),
      ...ATTRIBUTES,
    },
    SOURCE,
  ),
  ({ content, from }, name, refuse) =>
    (content === undefined) !== (from === undefined) ||
    refuse(
      `${name} has ${from === undefined ? 'neither' : 'both'} content ${from === undefined ? 'nor' : 'and'} from`,
      SOURCE,
    ),
)
const FILES = record<FileSource>(
  valid(
    (path) =>
      absolutePathProblem(path) ??
      (/[^/]/.test(path as string) ? undefined : 'is the root directory'),
    "Write '/etc/motd': a path from the tree's root, without ..",
  ),
  (source, name, refuse) =>
    typeof source === 'string' ? source : (OBJECT(source, name, refuse) as FileSource),
  "Write files({ '/etc/motd': 'text' }).",
)

/** A layer of files, by their absolute paths in the tree. @throws ClusterError `INVALID_DEFINITION` */
export function files(paths: Readonly<Record<string, FileSource>>): FilesLayer {
  return reading('files', undefined, () => ({
    kind: 'files',
    files: checked(FILES, paths, { name: 'files' }),
  }))
}

const SOME = some(PACKAGES, "Write packages(['slapd']).")

/**
 * A layer of packages that the tree's own package manager (apt, dnf or apk) installs, with their dependencies.
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function packages(names: readonly string[]): PackagesLayer {
  return reading('packages', undefined, () => ({
    kind: 'packages',
    packages: unique(checked(SOME, names, { name: 'packages' })),
  }))
}

/** Options of `command()`. */
export interface CommandOptions {
  /** Files and directories of the host that the program reads. Copies of them are below its working directory. None by default. */
  readonly inputs?: readonly string[]
  /** Whether it may reach the network. False by default. */
  readonly network?: boolean
  /** Environment variables of the command. */
  readonly env?: Readonly<Record<string, string>>
}

const ARGV = "Write command(['make', 'install'])."
const PROGRAM = also(
  some(list(text(ARGV), ARGV), ARGV),
  ([program], name, refuse) => program !== '' || refuse(`${name}[0] is empty`, ARGV),
)
const OPTIONS: Check<CommandOptions> = object<CommandOptions>({
  inputs: optional(paths("Write inputs: ['config'].")),
  network: optional(flag),
  env: optional(checkedEnv),
})

/**
 * A layer made by a program of the tree, run as the tree's root.
 * @param argv the program and its arguments; no shell reads them
 * @throws ClusterError `INVALID_DEFINITION`
 */
export function command(argv: readonly string[], options: CommandOptions = {}): CommandLayer {
  return reading('command', undefined, () => ({
    kind: 'command',
    argv: checked(PROGRAM, argv, { what: 'command', name: 'argv' }),
    ...{ inputs: [], network: false, env: {} },
    ...checked(OPTIONS, options, { what: 'command' }),
  }))
}
