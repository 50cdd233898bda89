import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runFailed } from '../build/failure.ts'
import { type Ids, machineIds } from '../build/ids.ts'
import { runInNamespace } from '../build/namespace.ts'
import { inBuildDirectory, type Left } from './build-directories.ts'
import { chooseTrees, keepOrder, type Surveyed, survey, type Wishes } from './choose.ts'
import { TreeStore } from './store.ts'
import { tidy } from './tidy.ts'

/** The name of the lock for removing trees, and of the directories that trees are moved to. */
const REMOVED = 'removed'

/** A tree that was removed, or that was kept because it is in use. */
export interface CleanedTree {
  readonly key: string
  readonly title: string
  /** Bytes on disk that no other tree has. */
  readonly bytes: number
  /** `session-1a2b3c4d`, `process-1234-0`. */
  readonly users: readonly string[]
}

export interface CleanedTrees {
  readonly removed: readonly CleanedTree[]
  readonly kept: readonly CleanedTree[]
  /** Directories of builds and of removed trees that could not be removed. */
  readonly left: readonly Left[]
  /** Whether another process builds a tree now. */
  readonly busy: boolean
}

/**
 * Removes trees that are not in use from the cache, and leftovers of builds that were killed. Each tree is moved away
 * before it is deleted: if this process is killed, the next build or `clean` removes the rest.
 * @param choose chooses the trees; undefined for none
 * @param onWait called if another `clean` is running
 * @throws what `choose` throws
 */
export async function cleanTrees(
  choose: ((trees: readonly Surveyed[]) => Wishes) | undefined,
  onWait: () => void,
  store = new TreeStore(),
): Promise<CleanedTrees> {
  if (!(await isDirectory(store.directory))) {
    choose?.([])
    return { removed: [], kept: [], left: [], busy: false }
  }
  store.prepare()
  const ids = await machineIds()
  const left: Left[] = []
  const removed: CleanedTree[] = []
  const kept: CleanedTree[] = []
  const remove = async (directory: string) => {
    if (!choose) return tidy(store, REMOVED)
    const trees = await survey(store)
    const wishes = choose(trees)
    const ordered = keepOrder(trees, wishes)
    const keys = ordered.map(({ key }) => key)
    const sizes = await sizesOf(ids, directory, keys)
    for (const { key, title } of chooseTrees(ordered, sizes, wishes)) {
      const gone = await store.withdraw(key, join(directory, key))
      const users = gone ? [] : store.uses.of(key)
      // Another process may have removed the tree
      if (!gone && !(await isDirectory(store.entryDirectory(key)))) continue
      ;(gone ? removed : kept).push({ key, title, bytes: sizes.get(key) ?? 0, users })
    }
    return tidy(store, REMOVED)
  }
  const onLeft = (one: Left) => void left.push(one)
  const busy = await inBuildDirectory({ store, ids }, REMOVED, { onWait, onLeft }, remove)
  return { removed, kept, left, busy }
}

/**
 * The bytes on disk of each entry that no entry before it in the list has: trees share files by hard links, and du(1) counts
 * a file with the first entry that has it. So removing entries from the end of the list frees these bytes.
 * @param directory a directory of `building`, owned by the namespace's root
 */
async function sizesOf(
  ids: Ids,
  directory: string,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const sizes = new Map<string, number>()
  if (keys.length === 0) return sizes
  const argv = ['du', '--summarize', '--block-size=1', '--files0-from=-']
  // Trees may share manifests, too
  const parts = ['root', 'entry.json', 'manifest']
  const input = keys
    .flatMap((key) => parts.map((part) => `../../entries/${key}/${part}\0`))
    .join('')
  const namespace = { ...ids, directory, lower: undefined }
  const result = await runInNamespace(namespace, 'host', argv, { input })
  for (const line of result.stdout.split('\n')) {
    const [, size, key] = /^(\d+)\t.*\/([0-9a-f]+)\/[^/]+$/.exec(line) ?? []
    if (key) sizes.set(key, (sizes.get(key) ?? 0) + Number(size))
  }
  // du(1) reports an entry whose files are missing, and continues
  if (result.exitCode > 1) throw runFailed('du', result)
  return sizes
}

/**
 * Removes downloaded archives that were last read before a time.
 * @param usedBefore milliseconds since 1970; the file system may record reads with a precision of a day (mount(8), relatime)
 * @returns the freed bytes
 */
export async function removeDownloads(
  usedBefore: number,
  directory = new TreeStore().downloads,
): Promise<number> {
  let freed = 0
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name)
    const stat = await lstat(path).catch(() => undefined)
    if (!stat || Math.max(stat.atimeMs, stat.mtimeMs) >= usedBefore) continue
    await rm(path, { force: true })
    freed += stat.blocks * 512
  }
  return freed
}

function isDirectory(path: string): Promise<boolean> {
  return lstat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  )
}
