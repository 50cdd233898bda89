import { lstatSync } from 'node:fs'
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  rename,
  rmdir,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathOf } from '../../disk/names.ts'
import { errnoOf } from '../../errors.ts'
import type { PatchFile } from './step.ts'

/** How a tree is to differ from what it is. Paths are relative to it, and no symbolic link is on the way to one. */
export interface Rewriting {
  readonly tree: string
  /** The tree below, for what comes back when a file of the layer goes. */
  readonly below: string
  /** What goes, directories after what is in them. */
  readonly gone: readonly string[]
  /** What comes, or comes anew, directories before what is in them. */
  readonly changed: readonly PatchFile[]
}

/**
 * Rewrites a tree in this process, which takes a few milliseconds. False, and nothing done, where some of it is not
 * this process's to write. Files of a tree are also those of others: they are replaced, never written to.
 * @param base the first uid of root's range; everybody else writes what is root's in the tree, that is his own
 */
export async function rewriteHere(
  { tree, below, gone, changed }: Rewriting,
  base: number | undefined,
): Promise<boolean> {
  const mine = process.getuid?.() ?? 0
  const isMine = (path: string) => {
    const stat = lstatSync(pathOf(join(tree, path)), { throwIfNoEntry: false })
    // What is not there yet is made by this process
    return !stat || (stat.uid === mine && (stat.mode & 0o300) === 0o300)
  }
  if (base === undefined) {
    if (changed.some(({ uid, gid }) => uid !== 0 || gid !== 0)) return false
    if (![...gone, ...changed.map(({ path }) => path)].every((path) => isMine(dirname(path))))
      return false
    // A link to another's file is not everybody's to make (proc_sys_fs(5), protected_hardlinks)
    if (gone.some((path) => ownerOf(join(below, path), mine) !== mine)) return false
  }
  for (const path of gone) await takeAway(tree, below, path)
  for (const file of changed) await put(tree, file, base)
  return true
}

function ownerOf(path: string, otherwise: number): number {
  return lstatSync(pathOf(path), { throwIfNoEntry: false })?.uid ?? otherwise
}

async function takeAway(tree: string, below: string, path: string): Promise<void> {
  const target = pathOf(join(tree, path))
  const source = pathOf(join(below, path))
  const [stat, before] = await Promise.all([find(target), find(source)])
  if (stat?.isDirectory()) {
    // One that a file of the layer needed, and something else may need still
    if (!before) await rmdir(target).catch(unlessNotEmpty)
    return
  }
  await unlink(target)
  if (before) await link(source, target)
}

async function put(
  tree: string,
  { path, type, mode, uid, gid, content }: PatchFile,
  base: number | undefined,
): Promise<void> {
  const target = pathOf(join(tree, path))
  const owner =
    base === undefined
      ? ([process.getuid?.() ?? 0, process.getgid?.() ?? 0] as const)
      : ([base + uid, base + gid] as const)
  if (type === 'directory') {
    await mkdir(target)
    await chown(target, ...owner)
    await chmod(target, mode)
    return
  }
  // Not the name with more behind it: that may be as long as a name can be
  const made = pathOf(join(tree, dirname(path), `.vitest-cluster-new-${process.pid}`))
  if (type === 'symlink') await symlink(pathOf(`${content}`), made)
  else {
    await writeFile(made, content, { flag: 'wx' })
    await chown(made, ...owner)
    await chmod(made, mode)
  }
  await rename(made, target)
}

async function find(path: string | Buffer) {
  return lstat(path).catch(() => undefined)
}

function unlessNotEmpty(error: unknown): void {
  if (!['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error
}
