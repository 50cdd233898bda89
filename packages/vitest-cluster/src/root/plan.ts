import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { resolveIn, resolveInside } from '../disk/inside.ts'
import { libexec, TREE_LIBEXEC } from '../libexec.ts'
import { own } from '../own.ts'
import type { Accounts } from './accounts.ts'

/** The plan of a session's root file system: what is created, and what is mounted in it. Plain data. */
export interface RootPlan {
  /** The session's own directories: the unit's `RootDirectory=`. */
  readonly directory: string
  /** What is mounted in it. A path comes before those below it. */
  readonly mounts: readonly Mount[]
  /** What is created, by absolute paths of the host. */
  readonly directories: readonly PlannedDirectory[]
  readonly links: readonly { readonly path: string; readonly target: string }[]
  readonly files: readonly { readonly path: string; readonly text: string }[]
  readonly copies: readonly PlannedCopy[]
}

/** What a host has of its own in a root. */
export interface RootHost {
  readonly name: string
  /** By absolute paths in the tree. */
  readonly directories: Readonly<Record<string, CopiedDirectory>>
}

export interface CopiedDirectory {
  /** The directory on the host. */
  readonly path: string
  /** The directory that it is a copy of; undefined if the tree has none. */
  readonly from: string | undefined
}

/** The accounts and services whose directories a root has. */
export interface WhoIsWho {
  readonly accounts: Accounts
  /** The names of all services, which are host names, too. */
  readonly hostNames: readonly string[]
}

/** A directory to create; its mode is 0755 by default. */
export interface PlannedDirectory {
  readonly path: string
  readonly mode?: number
}

/** A file to copy; its mode is that of the original by default. */
export interface PlannedCopy {
  readonly from: string
  readonly path: string
  readonly mode?: number
}

/** A path of the host shown in a tree. */
export interface Mount {
  /** Absolute, as the session's manager sees it. */
  readonly source: string
  /** Absolute, in the tree. */
  readonly target: string
  readonly writable: boolean
}

/**
 * The session's own directories, each mounted on itself: a mount point can be neither removed nor renamed (`EBUSY`,
 * rmdir(2), rename(2)). Some programs remove empty directories (Python's `os.removedirs`), and with only one uid they own
 * all of these.
 */
export function kept(root: string, paths: readonly string[]): Mount[] {
  return paths.map((path) => ({
    source: join(root, path),
    target: join('/', path),
    writable: true,
  }))
}

/** In the order in which they can be mounted. */
export function inOrder(mounts: readonly Mount[]): Mount[] {
  return mounts.toSorted((a, b) => (a.target < b.target ? -1 : 1))
}

/** Shows a path read-only. */
export function mount(source: string, target: string): Mount {
  return { source, target, writable: false }
}

const SCRIPTS = [
  'ready-listening.sh',
  'ready-listening.pl',
  'ready-log.sh',
  'ready-exec.sh',
  'log-files.sh',
  'make-syslog.sh',
  'syslog.pl',
  'with-syslog.sh',
  'ended.sh',
  'own.sh',
  'make-roots.sh',
  'make-root.sh',
  'in-root.sh',
]

/** Modes other than 0755. */
const MODES: Readonly<Record<string, number>> = { tmp: 0o1777, 'var/tmp': 0o1777, root: 0o700 }

/** A session's own directories of a root, by paths relative to it. */
export function ownDirectories(root: string, paths: readonly string[]): PlannedDirectory[] {
  return paths.map((path) => {
    const mode = own(MODES, path)
    return { path: join(root, path), ...(mode !== undefined && { mode }) }
  })
}

/**
 * The home directories of accounts that are in the session's own directories.
 * @param links the symbolic links of the root, by their paths relative to it
 * @returns their paths in the tree, relative to its root
 */
export function homesOf(
  { accounts, hostNames }: WhoIsWho,
  links: ReadonlyMap<string, string>,
  isOwn: (home: string) => boolean = () => true,
): string[] {
  const homes = new Set(Object.values(accounts.users).map(({ home }) => home))
  return [...homes].flatMap((home) => {
    if (home === '/nonexistent' || !isOwn(home)) return []
    // Links are relative to the tree's root: relative to the host's they would lead out of the session
    const path = resolveIn(home, (each) => links.get(each))
    // A service's directory is created with its state
    return !path || hostNames.some((name) => path === `srv/${name}`) ? [] : [path]
  })
}

/**
 * Directories that no program of a session may remove: the session's own, those of services and the homes of accounts. If
 * accounts have different uids, root owns the directories above these, and nothing has to be done.
 */
export function keptDirectories(
  root: string,
  paths: readonly string[],
  homes: readonly string[],
  { accounts, hostNames }: WhoIsWho,
): Mount[] {
  if (accounts.uids === 'many') return []
  const services = hostNames.map((name) => `srv/${name}`)
  // A unit's /run is a mount in any case
  const below = homes.filter((home) => !home.startsWith('run/'))
  return kept(root, [...new Set([...paths, ...services, ...below])])
}

/** The scripts that units run beside services, copied into the tree. */
export function copiesOfScripts(root: string): PlannedCopy[] {
  return SCRIPTS.map((name) => ({
    from: libexec(name),
    path: join(root, TREE_LIBEXEC, name),
    mode: 0o755,
  }))
}

/**
 * os-release(5), without which systemd-nspawn(1) refuses to boot a tree. A copy in the session's own directories, because
 * systemd-nspawn reads it before it mounts anything.
 */
export function copyOfRelease(tree: string, root: string): PlannedCopy[] {
  const from = resolveInside(tree, 'etc/os-release')
  if (from === undefined) return []
  const path = join(tree, from)
  const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile()
  return isFile ? [{ from: path, path: join(root, 'etc/os-release') }] : []
}
