import { access, mkdir, readdir, rename, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import tmp from 'tmp-promise'
import type { Uids } from '../definition/service-fields.ts'
import type { FileOwner, HeldDirectory } from '../disk/held-directory.ts'
import { LONGEST_PATH } from '../disk/names.ts'
import { removeAll } from '../disk/remove.ts'
import { errnoOf } from '../errors.ts'
import { UNFINISHED } from '../plan/state.ts'

/** Milliseconds after which an unfinished template is abandoned. */
const UNFINISHED_AGE = 3_600_000

/** Copies a template into the service's directory. Returns false if there is no template yet. */
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
  // `clean --older-than` reads the time of the last use
  const now = new Date()
  await utimes(template, now, now).catch(() => {})
  return true
}

/** How files that a service has made are read. */
export interface StateReader {
  /** A command that runs the reading program, such as unshare(1). */
  readonly through: readonly string[]
  /** The account that root reads as; by default the user of the run. */
  readonly as?: FileOwner | undefined
}

/**
 * With many uids the run reads, an ordinary user in a namespace with all of them. With one uid the service's account
 * reads, so that the service cannot copy a forbidden file by a hard link to it.
 */
export function stateReader(uids: Uids, owner: FileOwner): StateReader {
  const isRoot = process.getuid?.() === 0
  const { uid, gid } = owner
  if (uids === 'one') return { through: [], as: isRoot ? { uid, gid } : undefined }
  return { through: isRoot ? [] : ['unshare', '--user', '--map-auto', '--map-root-user', '--'] }
}

/**
 * Keeps the content of a service's directory as a template, which is renamed into place when it is complete. A template
 * with a path of more than 3,500 bytes is not kept: no session could copy it.
 * tar(1) reads the files, since it opens every name relative to its directory and follows no link.
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
    // Otherwise these programs would run as the run's user. Directories keep set-group-ID: new files get their group
    const special = ['-type', 'f', '-perm', '/6000', '-exec', 'chmod', 'ug-s', '{}', '+']
    const { stdout } = await execa(
      'find',
      ['.', '-regextype', 'posix-extended', ...long, ',', ...special],
      // Each byte is a character
      { cwd: path, env: { LC_ALL: 'C' } },
    )
    if (stdout !== '') throw new Error('the template has a path that is too long')
    await rename(path, template)
  } catch (error) {
    await removeAll(path)
    // Another run kept the same template first
    if (!['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error
  }
}

/** Removes the templates of runs that were killed while they copied; a copy takes seconds. */
async function removeUnfinished(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name)
    if (!name.startsWith(UNFINISHED)) continue
    const { mtimeMs = Date.now() } = (await stat(path).catch(() => undefined)) ?? {}
    if (Date.now() - mtimeMs <= UNFINISHED_AGE) continue
    // A failed removal does not prevent a new template
    await removeAll(path).catch(() => {})
  }
}
