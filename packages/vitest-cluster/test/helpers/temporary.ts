import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'

// Read before any test sets TMPDIR
const TEMPORARY = tmpdir()

/** An empty directory that is removed when the test ends. Its path is short: a session's socket has to fit below it. */
export async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(TEMPORARY, 'vct-'))
  onTestFinished(() => removeAsCleaner(path))
  return path
}

/** The same for tests that start no process: all files in it are this user's. */
export async function scratchDirectory(): Promise<string> {
  const path = await mkdtemp(join(TEMPORARY, 'vcu-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** Removes a directory like a cleaner of /tmp, which can also remove files of subordinate uids. */
export async function removeAsCleaner(path: string): Promise<void> {
  const { exitCode } = await execa('rm', ['-rf', path], { reject: false })
  if (exitCode === 0) return
  await execa('unshare', ['--user', '--map-auto', '--map-root-user', 'rm', '-rf', path])
}
