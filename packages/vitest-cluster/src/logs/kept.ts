import { chown, copyFile, lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { sessionPaths } from '../plan/paths.ts'
import { copyLog, logSize } from './file.ts'

/** How many sessions' logs are kept in one directory; older ones are removed. */
const MOST = 10
/** How many bytes at the end of a service's log are kept. */
const LOG_MAX = 256 * 1024 * 1024
/** Marks a directory of kept logs: no other directory is ever removed. */
const MARKER = '.vitest-cluster-logs'

/**
 * Copies the logs of a session's services and of its private manager to `PLACE/ID`, owned by the caller.
 * @param session the session's directory
 * @returns the directory, or undefined if all logs are empty
 */
export async function keepLogs(session: string, place: string): Promise<string | undefined> {
  const paths = sessionPaths(dirname(session), basename(session))
  const logs = await readdir(paths.logs).catch(() => [])
  const files = [
    ...logs.filter((name) => name.endsWith('.log')).map((name) => join(paths.logs, name)),
    paths.managerLog,
  ]
  const written = await Promise.all(
    files.map(async (path) => ((await logSize(path)) > 0 ? path : undefined)),
  )
  const kept = written.filter((path) => path !== undefined)
  if (kept.length === 0) return undefined
  const directory = await makeKept(basename(session), place)
  await Promise.all(
    kept.map(async (path) => {
      const copy = join(directory, basename(path))
      await (path === paths.managerLog ? copyFile(path, copy) : copyLog(path, copy, LOG_MAX))
      // Root's services have another uid, which copyFile keeps
      await chown(copy, process.getuid?.() ?? 0, process.getgid?.() ?? 0)
    }),
  )
  return directory
}

/** Creates the directory for kept files of a session, and removes the oldest ones beside it. */
export async function makeKept(id: string, place: string): Promise<string> {
  const directory = join(place, id)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(join(directory, MARKER), `${id}\n`, { mode: 0o600 })
  await prune(place)
  return directory
}

async function prune(place: string): Promise<void> {
  const entries = await Promise.all(
    (await readdir(place)).map(async (name) => {
      const path = join(place, name)
      const info = await lstat(path).catch(() => undefined)
      const marker = await readFile(join(path, MARKER), 'utf8').catch(() => '')
      if (!info?.isDirectory() || info.uid !== process.getuid?.()) return undefined
      return marker === `${name}\n` ? { path, time: info.mtimeMs } : undefined
    }),
  )
  const old = entries
    .filter((entry) => entry !== undefined)
    .sort((a, b) => b.time - a.time)
    .slice(MOST)
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })))
}
