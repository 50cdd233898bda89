import { constants, lstat, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { errnoOf } from '../errors.ts'

/**
 * Whether a directory belongs to a session that has ended: it has the marker, belongs to this user, and no run holds its
 * lease. Its keeper may still run, which its lock shows: see {@link withLock}.
 */
export async function isAbandoned(directory: string, name: string): Promise<boolean> {
  const stat = await lstat(directory).catch(() => undefined)
  if (!stat?.isDirectory() || stat.uid !== process.getuid?.()) return false
  if (!/^(\.new-)?[0-9a-f]{8}$/.test(name)) return false
  const marker = await readFile(join(directory, 'session'), 'utf8').catch(() => '')
  if (!marker.startsWith('vitest-cluster session ')) return false
  return !(await isHeld(join(directory, 'lease')))
}

/**
 * Runs a program with the lock of a session's keeper. Returns false if a keeper holds the lock (flock(1) -n then fails at
 * once), or if the program fails. The lock excludes every other sweep.
 */
export async function withLock(directory: string, ...argv: readonly string[]): Promise<boolean> {
  const lock = join(directory, 'lock')
  const { exitCode } = await execa('flock', ['-n', '-E', '75', lock, ...argv], { reject: false })
  return exitCode === 0
}

/** The ids of dead sessions in `base` that were not removed yet. Changes nothing. */
export async function deadSessions(base: string): Promise<string[]> {
  const names = await readdir(base).catch(() => [])
  const dead = await Promise.all(
    names.map(async (name) => {
      const directory = join(base, name)
      return (await isAbandoned(directory, name)) && (await withLock(directory, 'true'))
    }),
  )
  return names.filter((_, index) => dead[index]).sort()
}

/** Whether a run has the FIFO open for writing: a read then returns EAGAIN, else end of file (fifo(7)). */
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
