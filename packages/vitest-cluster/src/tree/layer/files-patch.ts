import type { Stats } from 'node:fs'
import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FilesLayer } from '../../definition/tree.ts'
import { resolveInside } from '../../disk/inside.ts'
import { pathOf, quoted, targetOf, tooLong } from '../../disk/names.ts'
import { ClusterError } from '../../errors.ts'
import { readAccounts, type TreeAccounts } from '../../root/passwd.ts'
import { bytes } from '../../units.ts'
import type { PatchFile, StepContext } from '../build/step.ts'
import { contentOf, optionsOf, sourcePath, walk } from './file-source.ts'

const FILE_MODE = 0o644
/** The largest file that Node reads at once: 2 GiB. */
const LARGEST = 2 ** 31 - 1
const DIRECTORY_MODE = 0o755

/** The files that a layer writes into the tree below. @throws ClusterError `INVALID_DEFINITION`, `UNREADABLE_FILE` */
export async function patchFiles(
  root: string,
  files: FilesLayer['files'],
  context: StepContext,
): Promise<PatchFile[]> {
  const accounts = await readAccounts(root)
  const found = new Map<string, PatchFile>()
  for (const [path, source] of Object.entries(files)) {
    const { mode, owner } = optionsOf(source)
    const ids = ownerIds(owner, accounts, path)
    const put = async (name: string, file: Omit<PatchFile, 'path' | 'uid' | 'gid'>) =>
      add(root, found, { ...file, ...ids, path: place(root, join(path, name)) })
    const content = contentOf(source)
    if (content !== undefined) {
      await put('', { type: 'file', mode: mode ?? FILE_MODE, content })
      continue
    }
    for (const name of (await walk(path, source, context)).keys())
      await put(name, await read(join(sourcePath(source, context), name), mode))
  }
  return [...found.values()]
}

async function read(
  path: string,
  mode: number | undefined,
): Promise<Omit<PatchFile, 'path' | 'uid' | 'gid'>> {
  const stat = await lstat(pathOf(path))
  const own = stat.mode & 0o7777
  if (stat.isSymbolicLink()) return { type: 'symlink', mode: 0o777, content: targetOf(path) }
  if (stat.isDirectory())
    return { type: 'directory', mode: mode === undefined ? own : searchable(mode), content: '' }
  if (stat.size > LARGEST) throw tooLarge(path, stat.size)
  return { type: 'file', mode: mode ?? own, content: await readFile(pathOf(path)) }
}

function tooLarge(path: string, size: number): ClusterError {
  return new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `${quoted(path)} has ${bytes(size)}, but a file in a layer of files may have at most ${bytes(LARGEST)}`,
    fix: "Copy the file in a layer of its own: command(['cp', 'FILE', '/PATH'], { inputs: ['FILE'] }).",
  })
}

/** The mode of a directory for files of this mode: with x for each r. */
function searchable(mode: number): number {
  return mode | ((mode & 0o444) >> 2)
}

/** Adds a file with the directories above it that the tree lacks. */
async function add(root: string, found: Map<string, PatchFile>, file: PatchFile): Promise<void> {
  const names = file.path.split('/')
  for (let depth = 1; depth < names.length; depth++) {
    const path = names.slice(0, depth).join('/')
    const own = found.get(path)
    const there = own ? undefined : await find(join(root, path))
    if (own?.type === 'directory' || there?.isDirectory()) continue
    if (own || there) throw inTheWay(file.path, path)
    found.set(path, { path, type: 'directory', mode: DIRECTORY_MODE, uid: 0, gid: 0, content: '' })
  }
  const isDirectory = (await find(join(root, file.path)))?.isDirectory()
  if (!isDirectory) found.set(file.path, file)
  // A directory that the tree has keeps its mode and owner
  else if (file.type !== 'directory') throw inTheWay(file.path, file.path)
}

function inTheWay(path: string, other: string): ClusterError {
  const what =
    path === other
      ? 'is a directory in the tree'
      : `cannot be created: /${other} is not a directory`
  return new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `/${path} ${what}`,
    fix: 'Give the file another path, or change the layers below.',
  })
}

/** Resolves a path in the tree, with links relative to the tree's root, so that no path leads out of the tree. */
function place(root: string, path: string): string {
  const resolved = resolveInside(root, path, false)
  const long = tooLong(resolved ?? '')
  if (resolved && long === undefined) return resolved
  const [message, fix] =
    long !== undefined
      ? [`${quoted(path)} ${long}`, 'Give it a shorter path.']
      : [
          resolved === undefined
            ? `${path} passes through symbolic links of the tree that lead in a circle`
            : `${path} is the root of the tree itself`,
          'Write the path of a file below the root that leads through no such link.',
        ]
  throw new ClusterError({ code: 'INVALID_DEFINITION', message, fix })
}

function ownerIds(owner: string, { users, groups }: TreeAccounts, path: string) {
  const [user = '', group] = owner.split(':')
  const found = users.find(({ name }) => name === user)
  const uid = number(user) ?? found?.uid ?? (user === 'root' ? 0 : undefined)
  const gid =
    group === undefined
      ? (found?.gid ?? uid)
      : (number(group) ??
        groups.find(({ name }) => name === group)?.gid ??
        (group === 'root' ? 0 : undefined))
  if (uid !== undefined && gid !== undefined) return { uid, gid }
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `${path}: the tree has no ${uid === undefined ? `user '${user}'` : `group '${group}'`}`,
    fix: 'Put the file into a layer above the one that creates the account, or use numeric ids.',
  })
}

function number(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}

/** The stat of a path in the tree; undefined if there is no such path. */
async function find(path: string): Promise<Stats | undefined> {
  return lstat(pathOf(path)).catch(() => undefined)
}
