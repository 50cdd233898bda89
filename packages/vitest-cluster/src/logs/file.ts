import { copyFile, type FileHandle, lstat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { follow, pieces } from '../disk/follow.ts'
import { HeldDirectory, NotFollowed } from '../disk/held-directory.ts'
import { errnoOf } from '../errors.ts'
import { withShortage } from '../shortage/explain.ts'

/** A log's length in bytes; 0 if there is no log. */
export async function logSize(path: string): Promise<number> {
  return (await lstat(path).catch(() => undefined))?.size ?? 0
}

/**
 * A session's log from one byte to another, or to its end, in pieces; empty if there is no log. The tree's root may write
 * to the directory of the logs: a link in the place of a log is not followed, and a line says so.
 */
export async function* logPieces(path: string, from = 0, to?: number): AsyncGenerator<Buffer> {
  try {
    const file = await openLog(path)
    try {
      yield* pieces(file, from, to ?? (await file.stat()).size)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof NotFollowed) yield Buffer.from(`not read: ${error.message}\n`)
    else if (errnoOf(error) !== 'ENOENT') throw error
  }
}

/** As {@link logPieces}, in one buffer. */
export async function readLog(path: string, from: number, to: number): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const piece of logPieces(path, from, to)) all.push(piece)
  return Buffer.concat(all)
}

/** Copies a log. Of a log above the limit, copies the last bytes after a line that says so. @throws NotFollowed; a Node system error */
export async function copyLog(path: string, copy: string, limit: number): Promise<void> {
  const file = await openLog(path)
  try {
    const { size } = await file.stat()
    if (size <= limit) return await copyFile(`/proc/self/fd/${file.fd}`, copy)
    await writeFile(copy, [`(${size - limit} bytes before this are left out)\n`])
    await writeFile(copy, pieces(file, size - limit, size), { flag: 'a' })
  } catch (error) {
    throw withShortage(error)
  } finally {
    await file.close()
  }
}

/** Empties a log. @throws NotFollowed; a Node system error */
export async function emptyLog(path: string): Promise<void> {
  const file = await openLog(path, 'change')
  await file.truncate().finally(() => file.close())
}

/** The content of a log, and what is written to it meanwhile: see {@link follow}. @throws NotFollowed, too */
export async function* followLog(
  path: string,
  options: { readonly from?: number | undefined; readonly until: Promise<unknown> },
): AsyncGenerator<Buffer> {
  const file = await openLog(path)
  try {
    const { from = 0, until } = options
    yield* follow(file, { from, until })
  } catch (error) {
    throw withShortage(error)
  } finally {
    await file.close()
  }
}

async function openLog(path: string, how: 'read' | 'change' = 'read'): Promise<FileHandle> {
  try {
    // ID/cluster/log/NAME.log (plan/paths.ts)
    const directory = await HeldDirectory.openBelow(join(path, '../../..'), dirname(path))
    return await directory[how](basename(path)).finally(() => directory.close())
  } catch (error) {
    throw withShortage(error)
  }
}
