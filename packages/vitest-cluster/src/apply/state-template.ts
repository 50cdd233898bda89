import { access, mkdir, readdir, rename, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import tmp from 'tmp-promise'
import type { Uids } from '../definition/service.ts'
import type { FileOwner, HeldDirectory } from '../disk/held-directory.ts'
import { LONGEST_PATH } from '../disk/names.ts'
import { removeAll } from '../disk/remove.ts'
import { errnoOf } from '../errors.ts'
import { UNFINISHED } from '../plan/state.ts'

/** Milliseconds after which a template under construction never will be one. */
const UNFINISHED_AGE = 3_600_000

/** Copies a template into the service's directory. False where there is none yet. */
export async function copyTemplate(template: string, directory: string): Promise<boolean> {
  if (
    !(await access(template).then(
      () => true,
      () => false,
    ))
  )
    return false
  // Modes, times, hard links and extended attributes, but no owners
  const options = ['--archive', '--no-preserve=ownership', '--reflink=auto', '--sparse=auto']
  await execa('cp', [...options, `${template}/.`, '.'], { cwd: directory })
  // `clean --older-than` asks for the last use
  const now = new Date()
  await utimes(template, now, now).catch(() => {})
  return true
}

/** How what a service has made is read. */
export interface StateReader {
  /** A program that runs the one that reads, such as unshare(1). */
  readonly through: readonly string[]
  /** As whom, for root; who runs this by default. */
  readonly as?: FileOwner | undefined
}

/**
 * The run itself, where accounts have uids of their own: an ordinary user in a namespace with all of them. Else the
 * service's own uid: so a hard link to a file that it may not read does not help it.
 */
export function stateReader(uids: Uids, owner: FileOwner): StateReader {
  const isRoot = process.getuid?.() === 0
  const { uid, gid } = owner
  if (uids === 'one') return { through: [], as: isRoot ? { uid, gid } : undefined }
  return { through: isRoot ? [] : ['unshare', '--user', '--map-auto', '--map-root-user', '--'] }
}

/**
 * Keeps what a service's directory holds now as a template. Whole or not at all: it is renamed into place. One with a
 * path of more than 3,500 bytes is not kept, for no session could copy it.
 * What the service made is read by tar(1), which opens every name below the directory before it and follows no link.
 */
export async function keepTemplate(
  directory: HeldDirectory,
  template: string,
  { through, as }: StateReader = { through: [] },
): Promise<void> {
  const parent = join(template, '..')
  await mkdir(parent, { recursive: true, mode: 0o700 })
  await removeUnfinished(parent)
  const { path } = await tmp.dir({ tmpdir: parent, prefix: UNFINISHED, mode: 0o700 })
  try {
    const [program = '', ...create] = [...through, 'tar', '--create', '--sparse', '--xattrs', '.']
    const extract = ['--extract', '--xattrs', '--no-same-owner', '--preserve-permissions']
    await execa(program, create, {
      cwd: `/proc/self/fd/${directory.descriptor}`,
      ...as,
      encoding: 'buffer',
      buffer: false,
    }).pipe('tar', extract, { cwd: path })
    const long = ['-regex', `\\./.{${LONGEST_PATH + 1},}`, '-print', '-quit']
    // The run's own programs they would be. Of directories set-group-ID is kept: new files get their group
    const special = ['-type', 'f', '-perm', '/6000', '-exec', 'chmod', 'ug-s', '{}', '+']
    const { stdout } = await execa(
      'find',
      ['.', '-regextype', 'posix-extended', ...long, ',', ...special],
      // Each byte is a character
      { cwd: path, env: { LC_ALL: 'C' } },
    )
    if (stdout !== '') throw new Error('it has a path that is too long')
    await rename(path, template)
  } catch (error) {
    await removeAll(path)
    // Another run kept the same template first
    if (!['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error
  }
}

/** What runs left that were killed in mid-copy; a copy takes seconds. */
async function removeUnfinished(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name)
    if (!name.startsWith(UNFINISHED)) continue
    const { mtimeMs = Date.now() } = (await stat(path).catch(() => undefined)) ?? {}
    if (Date.now() - mtimeMs <= UNFINISHED_AGE) continue
    // What cannot be removed is no reason to keep nothing
    await removeAll(path).catch(() => {})
  }
}
