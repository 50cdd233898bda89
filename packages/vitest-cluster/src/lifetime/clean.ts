import { dirname } from 'node:path'
import { baseDirectory } from '../disk/directories.ts'
import { ClusterError } from '../errors.ts'
import { findSessions } from '../session/find.ts'
import type { Left } from '../tree/cache/build-directories.ts'
import type { Surveyed, Wishes } from '../tree/cache/choose.ts'
import { type CleanedTree, cleanTrees, removeDownloads } from '../tree/cache/clean.ts'
import { type RemovedState, removeStates } from './clean-states.ts'
import { sweep } from './sweep.ts'

/** What to remove besides the files of dead sessions and killed builds. */
export interface CleanOptions {
  readonly trees?: boolean | undefined
  readonly states?: boolean | undefined
  readonly downloads?: boolean | undefined
  /** One tree, by the beginning of its key. */
  readonly tree?: string | undefined
  /** Only trees, states and downloads that were not used for this many seconds. */
  readonly olderThan?: number | undefined
  /** Remove trees, the longest unused first, until the rest has at most this many bytes on disk. */
  readonly maxSize?: number | undefined
  /** Called if another `clean` is running. */
  readonly onWait?: (() => void) | undefined
}

export interface Cleaned {
  /** The ids of dead sessions. */
  readonly sessions: readonly string[]
  readonly trees: readonly CleanedTree[]
  /** Trees that were not removed because they are used. */
  readonly kept: readonly CleanedTree[]
  readonly states: readonly RemovedState[]
  /** Directories that could not be removed, with the reasons. */
  readonly left: readonly Left[]
  /** Bytes of removed downloads; undefined if they were kept because a tree is being built. */
  readonly downloads: number | undefined
  /** Freed bytes on disk, without those of sessions. */
  readonly freed: number
}

/**
 * Removes unused files: those of dead sessions, trees, states, downloads.
 * @throws ClusterError `USAGE` for a tree that does not exist, `TREE_BUSY` for a tree that is used
 */
export async function clean(options: CleanOptions): Promise<Cleaned> {
  const { onWait = () => {}, olderThan, maxSize, tree } = options
  const usedBefore = olderThan === undefined ? undefined : Date.now() - olderThan * 1000
  const sessions = await sweepAll()
  const choose =
    tree !== undefined
      ? (trees: readonly Surveyed[]) => ({ key: oneTree(trees, tree) })
      : options.trees || maxSize !== undefined
        ? (): Wishes => ({ usedBefore, maxSize })
        : undefined
  const { removed: trees, kept, busy, left } = await cleanTrees(choose, onWait)
  const { removed: states, left: leftStates } = options.states
    ? await removeStates(usedBefore ?? Number.POSITIVE_INFINITY)
    : { removed: [], left: [] }
  const downloads = !options.downloads
    ? 0
    : busy
      ? undefined
      : await removeDownloads(usedBefore ?? Number.POSITIVE_INFINITY)
  const freed = [...trees, ...states].reduce((sum, { bytes }) => sum + bytes, downloads ?? 0)
  return { sessions, trees, kept, states, left: [...left, ...leftStates], downloads, freed }
}

async function sweepAll(): Promise<string[]> {
  const bases = [
    baseDirectory(process.getuid?.() ?? 0),
    ...(await findSessions()).map(({ directory }) => dirname(directory)),
  ]
  return (await Promise.all([...new Set(bases)].map((base) => sweep(base)))).flat()
}

/** The key of the only tree whose key has this beginning. */
function oneTree(trees: readonly Surveyed[], beginning: string): string {
  const found = trees.filter(({ key }) => key.startsWith(beginning))
  const [tree] = found
  const list = (some: readonly Surveyed[]) =>
    some.map(({ key, title }) => `--tree ${key.slice(0, 12)}   # ${title}`)
  if (!tree || found.length > 1) {
    const several = `the keys of ${found.length} trees in the cache begin with ${beginning}`
    throw new ClusterError({
      code: 'USAGE',
      message: tree ? several : `no tree in the cache has a key that begins with ${beginning}`,
      fix: tree
        ? ['Use a longer key:', ...list(found)].join('\n')
        : trees.length > 0
          ? ['Trees in the cache:', ...list(trees)].join('\n')
          : 'The cache has no trees.',
    })
  }
  if (tree.users.length === 0) return tree.key
  const session = tree.users.find((user) => user.startsWith('session-'))?.slice('session-'.length)
  throw new ClusterError({
    code: 'TREE_BUSY',
    step: tree.title,
    message: `the tree is used by ${userNames(tree.users)}`,
    fix: session
      ? `End the session: npx vitest-cluster down --session ${session}`
      : 'Wait until that process has ended.',
  })
}

/** The users of a tree, for a message: `session 1a2b3c4d, process 1234`. */
export function userNames(users: readonly string[]): string {
  // A process may have several uses of one tree: process-1234-0
  return [...new Set(users.map((user) => user.split('-').slice(0, 2).join(' ')))].join(', ')
}
