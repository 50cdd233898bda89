import { chmod, copyFile, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makePath, writeWithMode } from '../disk/modes.ts'
import { pathOf } from '../disk/names.ts'
import type { RootPlan } from './plan.ts'

/** Creates a session's root file system, in directories that only the run can write to so far. Takes some milliseconds. */
export async function makeRoot({ directories, links, files, copies }: RootPlan): Promise<void> {
  // One after the other: a directory may be the parent of another one, and needs its own mode
  for (const { path, mode = 0o755 } of directories) {
    await makePath(path, 0o755)
    if (mode !== 0o755) await chmod(pathOf(path), mode)
  }
  await Promise.all([
    ...links.map(({ path, target }) => symlink(pathOf(target), pathOf(path))),
    ...files.map(({ path, text }) => writeWithMode(path, text, 0o644)),
    ...copies.map(async ({ from, path, mode }) => {
      await makePath(dirname(path), 0o755)
      await copyFile(pathOf(from), pathOf(path))
      if (mode !== undefined) await chmod(path, mode)
    }),
  ])
}
