import { lstat, readFile, readlink } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FileSource, FilesLayer } from '../../definition/tree.ts'
import { ClusterError, messageOf } from '../../errors.ts'
import { sha256 } from '../build/hashes.ts'
import type { Inputs, PatchFile, Step, StepContext } from '../build/step.ts'
import { resolveInside } from '../inside.ts'
import { readAccounts, type TreeAccounts } from '../passwd.ts'

const FILE_MODE = 0o644
const DIRECTORY_MODE = 0o755

/** Files that are written into a tree. Nothing is run in it. */
export function filesStep({ files }: FilesLayer): Step {
  const paths = Object.keys(files)
  const title = paths.length === 1 ? `file ${paths[0]}` : `files (${paths.length})`
  return {
    kind: 'files',
    title,
    inputs: (context) => inputs(files, context),
    patch: async ({ path }, context) => ({ files: await patch(path, files, context, title) }),
    async make() {
      throw new Error('a layer of files is applied by its patch')
    },
  }
}

async function inputs(files: FilesLayer['files'], context: StepContext): Promise<Inputs> {
  const each = await Promise.all(
    Object.entries(files).map(async ([path, source]) => {
      const { owner, mode } = options(source)
      const suffix = ` ${owner} ${mode ?? ''}`
      const content = contentOf(source)
      if (content !== undefined) return [[`file ${path}`, `${sha256(content)}${suffix}`] as const]
      const found = await walk(path, source, context)
      return [...found].map(
        ([name, what]) => [`file ${join(path, name)}`, `${what}${suffix}`] as const,
      )
    }),
  )
  return Object.fromEntries(each.flat())
}

async function patch(
  root: string,
  files: FilesLayer['files'],
  context: StepContext,
  step: string,
): Promise<PatchFile[]> {
  const accounts = await readAccounts(root)
  const found = new Map<string, PatchFile>()
  for (const [path, source] of Object.entries(files)) {
    const { mode, owner } = options(source)
    const ids = ownerIds(owner, accounts, path, step)
    const put = async (name: string, file: Omit<PatchFile, 'path' | 'uid' | 'gid'>) =>
      add(root, found, { ...file, ...ids, path: place(root, join(path, name), step) }, step)
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
  const stat = await lstat(path)
  const own = stat.mode & 0o7777
  if (stat.isSymbolicLink()) return { type: 'symlink', mode: 0o777, content: await readlink(path) }
  if (stat.isDirectory())
    return { type: 'directory', mode: mode === undefined ? own : searchable(mode), content: '' }
  return { type: 'file', mode: mode ?? own, content: await readFile(path) }
}

/** The mode of a directory whose files have this one: x where r is. */
function searchable(mode: number): number {
  return mode | ((mode & 0o444) >> 2)
}

/** Adds a file with the directories above it that the tree has not. */
async function add(
  root: string,
  found: Map<string, PatchFile>,
  file: PatchFile,
  step: string,
): Promise<void> {
  const names = file.path.split('/')
  for (let depth = 1; depth < names.length; depth++) {
    const path = names.slice(0, depth).join('/')
    const own = found.get(path)
    if (own ? own.type === 'directory' : await isDirectory(join(root, path))) continue
    if (own || (await exists(join(root, path)))) throw inTheWay(file.path, path, step)
    found.set(path, { path, type: 'directory', mode: DIRECTORY_MODE, uid: 0, gid: 0, content: '' })
  }
  if (file.type === 'directory') {
    // One that the tree has keeps its mode and owner
    if (!(await isDirectory(join(root, file.path)))) found.set(file.path, file)
    return
  }
  if (await isDirectory(join(root, file.path))) throw inTheWay(file.path, file.path, step)
  found.set(file.path, file)
}

function inTheWay(path: string, other: string, step: string): ClusterError {
  const what =
    path === other ? 'is a directory in the tree' : `cannot be made: /${other} is no directory`
  return new ClusterError({
    code: 'INVALID_DEFINITION',
    step,
    message: `/${path} ${what}`,
    mend: 'Give the file another path, or change the layers below.',
  })
}

/** Where a path leads in the tree, whose links are followed as if it were the root: never out of it. */
function place(root: string, path: string, step: string): string {
  const resolved = resolveInside(root, path, false)
  if (resolved) return resolved
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    step,
    message: `${path} is the root of the tree itself`,
    mend: 'Write the path of a file below it.',
  })
}

function ownerIds(owner: string, { users, groups }: TreeAccounts, path: string, step: string) {
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
    step,
    message: `${path}: the tree has no ${uid === undefined ? `user '${user}'` : `group '${group}'`}`,
    mend: 'Write the file in a layer above the one that makes the account, or give numbers.',
  })
}

function number(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}

function contentOf(source: FileSource): string | Uint8Array | undefined {
  if (typeof source === 'string') return source
  return 'content' in source ? source.content : undefined
}

function options(source: FileSource): { mode: number | undefined; owner: string } {
  const { mode, owner = 'root:root' } = typeof source === 'string' ? {} : source
  return { mode, owner }
}

async function walk(
  path: string,
  source: FileSource,
  context: StepContext,
): Promise<Map<string, string>> {
  const from = sourcePath(source, context)
  try {
    return await context.hashes.tree(from)
  } catch (cause) {
    throw new ClusterError(
      {
        code: 'UNREADABLE_FILE',
        step: `file ${path}`,
        message: `cannot read ${from}: ${messageOf(cause)}`,
        mend: `Relative paths start from ${context.baseDirectory}.`,
      },
      { cause },
    )
  }
}

function sourcePath(source: FileSource, { baseDirectory }: StepContext): string {
  const from = typeof source === 'object' && 'from' in source ? source.from : ''
  const path = from instanceof URL ? fileURLToPath(from) : from
  return isAbsolute(path) ? path : resolve(baseDirectory, path)
}

async function isDirectory(path: string): Promise<boolean> {
  return lstat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  )
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
