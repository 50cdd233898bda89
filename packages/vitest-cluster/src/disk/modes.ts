import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf } from '../errors.ts'
import { pathOf } from './names.ts'

/*
 * For files that another uid has to read: a session's root, a manager's files, a tree that is being built. open(2) and
 * mkdir(2) apply the umask to a mode, and some users have umasks of 077 or 027; chmod(2) does not.
 */

/** Creates a directory with exactly this mode. @throws a Node system error: `EEXIST` */
export async function makeDirectory(path: string, mode: number): Promise<void> {
  await mkdir(pathOf(path), { mode })
  await chmod(pathOf(path), mode)
}

/** Creates a directory and its missing parents with exactly this mode. */
export async function makePath(path: string, mode: number): Promise<void> {
  const make = () =>
    makeDirectory(path, mode).catch((error: unknown) => {
      if (errnoOf(error) !== 'EEXIST') throw error
    })
  try {
    await make()
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    await makePath(dirname(path), mode)
    await make()
  }
}

/** Writes a file with exactly this mode. */
export async function writeWithMode(
  path: string,
  content: string | Uint8Array,
  mode: number,
): Promise<void> {
  await writeFile(pathOf(path), content, { mode })
  await chmod(pathOf(path), mode)
}
