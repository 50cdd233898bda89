import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf } from '../errors.ts'
import { pathOf } from './names.ts'

/*
 * What another uid has to read: a session's root, a manager's files, a tree that is being made. open(2) and mkdir(2)
 * take the bits of the umask from a mode, and people have umasks of 077 and 027; chmod(2) takes the mode as it is.
 */

/** Makes a directory with exactly that mode. @throws a Node system error: `EEXIST` */
export async function makeDirectory(path: string, mode: number): Promise<void> {
  await mkdir(pathOf(path), { mode })
  await chmod(pathOf(path), mode)
}

/** Makes the directories on the way to a path and the path itself, where they are missing, with exactly that mode. */
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

/** Writes a file, and gives it exactly that mode. */
export async function writeWithMode(
  path: string,
  content: string | Uint8Array,
  mode: number,
): Promise<void> {
  await writeFile(pathOf(path), content, { mode })
  await chmod(pathOf(path), mode)
}
