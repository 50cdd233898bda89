import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { lstat, mkdir, open, readFile, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { IsolationName } from '../definition/cluster.ts'
import { baseDirectory, isPrivateDirectory, unfit } from '../disk/directories.ts'
import { ClusterError, errnoOf, messageOf } from '../errors.ts'
import { libexec } from '../libexec.ts'
import { type SessionPaths, sessionPaths } from '../plan/paths.ts'
import { startChild } from '../shortage/child.ts'
import { type Space, spaceAt } from '../shortage/disk.ts'
import { withShortage } from '../shortage/explain.ts'
import type { Held } from './holder.ts'
import { removeSession } from './remove.ts'

/** The process that outlives the run, see libexec/keeper.sh. */
export interface Keeper {
  readonly id: string
  readonly paths: SessionPaths
  /** The session's control group if the keeper creates it; undefined under the user's own manager. */
  readonly cgroup: string | undefined
  /** Resolves with the exit status when the manager that the keeper started has ended, or can no longer start. */
  readonly managerEnded: Promise<string>
  /** The error output of the keeper so far. */
  complaints(): string
  /** Starts the session's own manager (libexec/start-manager.sh) in the session's control group. */
  startManager(kind: IsolationName, owner: { readonly uid: number; readonly gid: number }): void
  /** Sets the control group of the session's slice under the user's own manager, to be killed first when the lease is lost. */
  knowSlice(cgroup: string): void
  /** Lets this process end while the session is up, if it has nothing else to do. */
  unref(): void
  /** Closes the lease and waits until all processes and files of the session are removed. */
  release(): Promise<void>
  /** The parts of the lease: a process that inherits them holds the session. */
  readonly held: readonly Held[]
  /** Closes this process's copy of the lease, which another process has inherited. */
  handOver(): Promise<void>
}

/** A session that will be opened, with a new id. */
export interface NewSession {
  readonly id: string
  readonly paths: SessionPaths
}

/** Chooses the paths of a session, and an id unless it is given. Creates nothing. */
export function newSession(id = randomBytes(4).toString('hex')): NewSession {
  return { id, paths: sessionPaths(baseDirectory(process.getuid?.() ?? 0), id) }
}

/**
 * Starts a session's keeper. From the moment it runs, the end of this process ends the session.
 * @param cgroup the cgroup2 directory to create for the session's own manager
 * @throws ClusterError `SESSION_DIRECTORY`, or an error of shortage/ if something ran out
 */
export async function startKeeper({ id, paths }: NewSession, cgroup?: string): Promise<Keeper> {
  const base = dirname(paths.directory)
  const why = unfit(base)
  if (why !== undefined) {
    throw new ClusterError({
      code: 'SESSION_DIRECTORY',
      message: `sessions cannot be below TMPDIR=${JSON.stringify(dirname(base))}: ${why}`,
      fix: 'Run with another TMPDIR, such as TMPDIR=/tmp.',
    })
  }
  await ownDirectory(base)
  const argv = [libexec('keeper.sh'), paths.directory, cgroup ?? '-']
  // detached: in a new process session (setsid(2)), so that Ctrl-C on the terminal does not reach it
  // LC_ALL: its error messages, and those of its children, are parsed and shown in one language
  // TMPDIR: as an absolute path, because scripts change their directory
  const env = { ...process.env, LC_ALL: 'C', TMPDIR: dirname(base) }
  const child = await startChild<ChildProcessWithoutNullStreams>('sh', argv, {
    ...{ detached: true, stdio: ['pipe', 'pipe', 'pipe', 'pipe'], env },
  })
  // A second pipe of the lease, for watch-lease.sh
  const watched = child.stdio[3] as Socket
  watched.on('error', () => {}).unref()
  const pipes = [child.stdin, child.stdout, child.stderr] as unknown as Socket[]
  const managerEnded = Promise.withResolvers<string>()
  const made = Promise.withResolvers<void>()
  let complaint = ''
  let isMade = false
  let space: Space | undefined
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint += text
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'made') {
      isMade = true
      made.resolve()
    }
    if (line === 'failed') {
      // Measured now: the keeper frees space when it removes the directory
      space = spaceAt(base)
      child.stdin.end()
    }
    const ended = /^ended (\d+)$/.exec(line)?.[1]
    if (ended) managerEnded.resolve(ended)
  })
  // The end of the keeper is detected by its exit, not by a failed write
  child.stdin.on('error', () => {})
  const exited = Promise.withResolvers<string>()
  child.once('exit', (code, signal) => exited.resolve(`${code ?? signal}`))
  // Not the child's `close` event: watch-lease.sh holds the other end of one pipe as long as this process lives
  const closed = Promise.all([
    exited.promise,
    once(child.stdout, 'close'),
    once(child.stderr, 'close'),
  ]).then(async ([how]) => {
    managerEnded.resolve(how)
    if (isMade) return
    // A shell that cannot fork ends before it removes the directory, in which nothing runs yet
    space ??= spaceAt(base)
    await rm(unfinished(paths), { recursive: true, force: true }).catch(() => {})
    watched.destroy()
    made.reject(directoryError(base, complaint || `keeper.sh ended with ${how}`, { space }))
  })
  await made.promise
  // Not earlier: Node would exit while it waits only for the keeper
  child.unref()
  // Kept open for the lease unit of the user's own manager, which reads the other end
  const lease = await open(paths.lease, 'r+').catch(async (error: unknown) => {
    child.ref()
    child.stdin.end()
    await exited.promise
    throw directoryError(base, messageOf(error), { cause: error })
  })
  return {
    id,
    paths,
    cgroup,
    managerEnded: managerEnded.promise,
    complaints: () => complaint,
    startManager(kind, { uid, gid }) {
      child.stdin.write(`start ${kind} ${uid} ${gid}\n`)
    },
    knowSlice(slice) {
      child.stdin.write(`slice ${slice}\n`)
    },
    get held() {
      // Under the user's own manager, which watches the lease itself, the pipe of watch-lease.sh is closed
      return [child.stdin, lease.fd, ...(watched.destroyed ? [] : [watched])]
    },
    async handOver() {
      await lease.close()
      // Not end(): that shuts down the connection for the process that inherited it, too
      for (const stream of [child.stdin, child.stdout, child.stderr, watched]) stream.destroy()
    },
    unref() {
      for (const pipe of pipes) pipe.unref()
    },
    async release() {
      for (const pipe of [child, ...pipes]) pipe.ref()
      // The keeper first: it ends the processes that watch the other leases (watch-lease.sh, lease.sh)
      child.stdin.end('end\n')
      if (!cgroup) await lease.close()
      await exited.promise
      if (cgroup) await lease.close()
      watched.destroy()
      // If the keeper was killed or could not start programs, this process removes the session, and ends the processes
      // that still hold the pipes
      const left = [paths.directory, cgroup].some((path) => path && existsSync(path))
      if (left) await removeSession(paths.directory, cgroup)
      await closed
    },
  }
}

/** The name that keeper.sh gives to the directory until it is complete. */
function unfinished({ directory }: SessionPaths): string {
  return join(dirname(directory), `.new-${basename(directory)}`)
}

/** Creates the directory of the user's sessions, or checks that only the user may enter it. */
async function ownDirectory(base: string): Promise<void> {
  try {
    await mkdir(base, { mode: 0o700 })
    return
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw directoryError(base, messageOf(error), { cause: error })
  }
  if (!isPrivateDirectory(await lstat(base))) {
    throw new ClusterError({
      code: 'SESSION_DIRECTORY',
      message: `${base} is not a directory that only you may enter`,
      fix: `Check its owner (ls -ld ${base}); remove it if you own it, or run with another TMPDIR.`,
    })
  }
}

/** The error for a session directory that could not be created. If something ran out, the error has the code of that. */
function directoryError(
  base: string,
  why: string,
  { space, cause }: { readonly space?: Space | undefined; readonly cause?: unknown },
): unknown {
  const error = new ClusterError(
    {
      code: 'SESSION_DIRECTORY',
      message: `cannot create a session below ${base}: ${firstLine(why)}`,
      fix: `TMPDIR is ${dirname(base)}. Create it, or run with a TMPDIR that you may write to, such as /tmp.`,
    },
    { cause },
  )
  return withShortage(error, { directory: base, space, said: why })
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}

/** The last lines of a private manager's log. */
export async function managerLog(paths: Pick<SessionPaths, 'managerLog'>): Promise<string[]> {
  const text = await readFile(paths.managerLog, 'utf8').catch(() => '')
  return text.trim().split('\n').filter(Boolean).slice(-12)
}
