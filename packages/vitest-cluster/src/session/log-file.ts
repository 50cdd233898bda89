import { watch } from 'node:fs'
import { copyFile, type FileHandle, lstat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HeldDirectory, NotFollowed } from '../disk/held-directory.ts'
import { errnoOf } from '../errors.ts'
import { withShortage } from '../shortage/explain.ts'

/** A log's length in bytes; 0 where there is none. */
export async function logSize(path: string): Promise<number> {
  return (await lstat(path).catch(() => undefined))?.size ?? 0
}

/**
 * What a session's log holds from one byte to another, or to its end; empty where there is none. The tree's root may
 * write beside the logs: a link in the place of one is not followed, and a line says so.
 */
export async function readLog(path: string, from = 0, to?: number): Promise<Buffer> {
  try {
    return await withLog(path, async (file) => {
      const end = to ?? (await file.stat()).size
      const buffer = Buffer.alloc(Math.max(0, end - from))
      const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
      return buffer.subarray(0, bytesRead)
    })
  } catch (error) {
    if (error instanceof NotFollowed) return Buffer.from(`not read: ${error.message}\n`)
    if (errnoOf(error) === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

/** Copies a log. @throws NotFollowed; a Node system error */
export function copyLog(path: string, copy: string): Promise<void> {
  return withLog(path, ({ fd }) => copyFile(`/proc/self/fd/${fd}`, copy))
}

/** Empties a log. @throws NotFollowed; a Node system error */
export function emptyLog(path: string): Promise<void> {
  return withLog(path, (file) => file.truncate(), 'change')
}

/** Calls back at each write, as the kernel tells of it (inotify(7)), until `signal`. @throws NotFollowed; a Node system error */
export function watchLog(
  path: string,
  { signal, changed }: { readonly signal: AbortSignal; changed(error?: Error): void },
): Promise<void> {
  return withLog(path, async ({ fd }) => {
    // The kernel watches what the descriptor is, not the path
    const watcher = watch(`/proc/self/fd/${fd}`, { signal }, () => changed())
    watcher.on('error', changed)
  })
}

async function withLog<T>(
  path: string,
  work: (file: FileHandle) => Promise<T>,
  how: 'read' | 'change' = 'read',
): Promise<T> {
  // ID/cluster/log/NAME.log (layout.ts)
  const opening = HeldDirectory.openBelow(join(path, '../../..'), dirname(path))
  const directory = await opening.catch((error: unknown) => {
    throw withShortage(error)
  })
  try {
    const file = await directory[how](basename(path))
    return await work(file).finally(() => file.close())
  } catch (error) {
    throw withShortage(error)
  } finally {
    await directory.close()
  }
}
