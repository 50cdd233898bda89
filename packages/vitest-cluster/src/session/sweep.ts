import { constants, lstat, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { errnoOf } from '../errors.ts'
import { libexec } from '../libexec.ts'

/** A session's directory under construction becomes one within milliseconds; one this old never will. */
const UNFINISHED = 60_000

/**
 * Removes what dead sessions left: directories in `base` that carry the marker, belong to this user, whose
 * lease no run holds and whose lock no keeper holds. Everything else is left alone.
 * @returns the ids of the sessions that were removed
 */
export async function sweep(base: string, own?: string): Promise<string[]> {
  const names = await readdir(base).catch(() => [])
  const removed = await Promise.all(
    names
      .filter((name) => name !== own)
      .map(async (name) => ((await remove(join(base, name), name)) ? name : undefined)),
  )
  return removed.filter((name) => name !== undefined)
}

/** Removes one session's directory and what else it left, if it is dead. False where it was left alone. */
export async function remove(directory: string, name: string): Promise<boolean> {
  const stat = await lstat(directory).catch(() => undefined)
  if (!stat?.isDirectory() || stat.uid !== process.getuid?.()) return false
  if (name.startsWith('.new-')) {
    if (Date.now() - stat.mtimeMs < UNFINISHED) return false
  } else if (!/^[0-9a-f]{8}$/.test(name)) {
    return false
  }
  const marker = await readFile(join(directory, 'session'), 'utf8').catch(() => '')
  if (!marker.startsWith('vitest-cluster session ')) return false
  if (await isHeld(join(directory, 'lease'))) return false
  // flock(1) -n fails at once where a keeper lives; holding it ourselves keeps another sweep out
  const { exitCode } = await execa(
    'flock',
    ['-n', '-E', '75', join(directory, 'lock'), 'sh', libexec('remove-session.sh'), directory],
    { reject: false },
  )
  return exitCode === 0
}

/** Whether a run holds the FIFO open for writing: reading it then finds nothing yet, else its end (fifo(7)). */
export async function isHeld(lease: string): Promise<boolean> {
  const fifo = await open(lease, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined)
  if (!fifo) return false
  try {
    await fifo.read(Buffer.alloc(1), 0, 1)
    return false
  } catch (error) {
    return errnoOf(error) === 'EAGAIN'
  } finally {
    await fifo.close()
  }
}
