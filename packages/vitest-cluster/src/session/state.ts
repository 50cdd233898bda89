import { createHash } from 'node:crypto'
import { access, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import tmp from 'tmp-promise'
import { cacheDirectory } from '../disk/directories.ts'
import type { FileOwner, HeldDirectory } from '../disk/held-directory.ts'
import { errnoOf } from '../errors.ts'

/** Raised when the layout of templates changes, so that older ones are not used. */
const FORMAT = 1
/** How the name of a template under construction begins, and the milliseconds after which it never will be one. */
export const UNFINISHED = '.new'
const UNFINISHED_AGE = 3_600_000

/** Where templates of state are kept: `state` in the user's cache. */
export function stateCache(env = process.env): string {
  return join(cacheDirectory(env), 'state')
}

/** The template's directory for a service's inputs. */
export function templatePath(kind: string, inputs: unknown, cache = stateCache()): string {
  const key = createHash('sha256')
    .update(JSON.stringify([FORMAT, kind, inputs]))
    .digest('hex')
    .slice(0, 32)
  return join(cache, kind, key)
}

/** Copies a template into the service's directory. False where there is none yet. */
export async function copyTemplate(template: string, directory: string): Promise<boolean> {
  if (
    !(await access(template).then(
      () => true,
      () => false,
    ))
  )
    return false
  const options = ['-R', '--reflink=auto', '--sparse=auto', '--preserve=mode,timestamps']
  await execa('cp', [...options, `${template}/.`, directory])
  // `clean --older-than` asks for the last use
  const now = new Date()
  await utimes(template, now, now).catch(() => {})
  return true
}

/**
 * Keeps what a service's directory holds now as a template. Whole or not at all: it is renamed into place.
 * What the service made is read by tar(1), which opens every name below the directory before it and follows no link.
 * @param reader who reads it, the run itself by default: with the service's own uid, a hard link to a file that this
 * one may not read does not help it either
 */
export async function keepTemplate(
  directory: HeldDirectory,
  template: string,
  reader?: FileOwner,
): Promise<void> {
  const parent = join(template, '..')
  await mkdir(parent, { recursive: true, mode: 0o700 })
  await removeUnfinished(parent)
  const { path } = await tmp.dir({ tmpdir: parent, prefix: UNFINISHED, mode: 0o700 })
  try {
    await execa('tar', ['--create', '--sparse', '--mode=u-s,g-s', '.'], {
      cwd: `/proc/self/fd/${directory.descriptor}`,
      ...(process.getuid?.() === 0 && reader),
      encoding: 'buffer',
      buffer: false,
    }).pipe('tar', ['--extract', '--no-same-owner', '--preserve-permissions'], { cwd: path })
    await rename(path, template)
  } catch (error) {
    await rm(path, { recursive: true, force: true })
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
    if (Date.now() - mtimeMs > UNFINISHED_AGE) await rm(path, { recursive: true, force: true })
  }
}
