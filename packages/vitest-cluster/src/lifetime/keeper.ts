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

/** The process that outlives the run: libexec/keeper.sh says what it does. */
export interface Keeper {
  readonly id: string
  readonly paths: SessionPaths
  /** The session's control group where the keeper makes it, not the user's own manager. */
  readonly cgroup: string | undefined
  /** Settles when the manager that the keeper started has gone, or can come no more, with the exit status. */
  readonly managerEnded: Promise<string>
  /** What the keeper complained of so far. */
  complaints(): string
  /** Starts the session's own manager (libexec/start-manager.sh) in the session's control group. */
  startManager(kind: IsolationName, owner: { readonly uid: number; readonly gid: number }): void
  /** Says where the user's own manager has the session's slice: it is killed first when the lease is lost. */
  knowSlice(cgroup: string): void
  /** Lets this process end while the session is up, if it has nothing else to do. */
  unref(): void
  /** Gives up the lease and waits until nothing of the session is left. */
  release(): Promise<void>
  /** What the lease is made of: whoever inherits it holds the session. */
  readonly held: readonly Held[]
  /** Lets go of the lease, of which another process has a copy now. */
  handOver(): Promise<void>
}

/** A session that is to be: its id is new. */
export interface NewSession {
  readonly id: string
  readonly paths: SessionPaths
}

/** A place for a session, and an id unless it is given. Makes nothing. */
export function newSession(id = randomBytes(4).toString('hex')): NewSession {
  return { id, paths: sessionPaths(baseDirectory(process.getuid?.() ?? 0), id) }
}

/**
 * Starts a session's keeper. From the moment it runs, the end of this process ends the session.
 * @param cgroup the cgroup2 directory to make for it, for a manager of its own
 * @throws ClusterError `SESSION_DIRECTORY`, or what ran out (shortage/)
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
  // detached: a process session of its own (setsid(2)), for Ctrl-C on the terminal is not for it
  // LC_ALL: what it and all that it starts complain of is read, and shown, in one language
  // TMPDIR: a relative one would be another where a script is in another directory
  const env = { ...process.env, LC_ALL: 'C', TMPDIR: dirname(base) }
  const child = await startChild<ChildProcessWithoutNullStreams>('sh', argv, {
    ...{ detached: true, stdio: ['pipe', 'pipe', 'pipe', 'pipe'], env },
  })
  // The same lease once more, for watch-lease.sh
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
      // Before it removes what it made: then there is room again
      space = spaceAt(base)
      child.stdin.end()
    }
    const ended = /^ended (\d+)$/.exec(line)?.[1]
    if (ended) managerEnded.resolve(ended)
  })
  // A keeper that died is noticed by its end, not by what could not be said to it any more
  child.stdin.on('error', () => {})
  const exited = Promise.withResolvers<string>()
  child.once('exit', (code, signal) => exited.resolve(`${code ?? signal}`))
  // Not the child's own `close`: watch-lease.sh holds the other end of one pipe for as long as this process lives
  const closed = Promise.all([
    exited.promise,
    once(child.stdout, 'close'),
    once(child.stderr, 'close'),
  ]).then(async ([how]) => {
    managerEnded.resolve(how)
    if (isMade) return
    // A shell that can fork no more ends before it removes what it made; nothing runs there yet
    space ??= spaceAt(base)
    await rm(unfinished(paths), { recursive: true, force: true }).catch(() => {})
    watched.destroy()
    made.reject(directoryError(base, complaint || `keeper.sh ended with ${how}`, { space }))
  })
  await made.promise
  // Not before: an unfinished wait for it alone would be no reason for Node to stay
  child.unref()
  // Held for the user's own manager, whose lease unit reads the other end
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
      // Where the user's own manager watches the lease, nobody reads the other end any more
      return [child.stdin, lease.fd, ...(watched.destroyed ? [] : [watched])]
    },
    async handOver() {
      await lease.close()
      // Not end(): that shuts down the connection, also for who inherited it
      for (const stream of [child.stdin, child.stdout, child.stderr, watched]) stream.destroy()
    },
    unref() {
      for (const pipe of pipes) pipe.unref()
    },
    async release() {
      for (const pipe of [child, ...pipes]) pipe.ref()
      // The keeper first: it ends those who wait for the other leases (watch-lease.sh, lease.sh)
      child.stdin.end('end\n')
      if (!cgroup) await lease.close()
      await exited.promise
      if (cgroup) await lease.close()
      watched.destroy()
      // Somebody killed the keeper, or it could start no program: then this process does its work, and ends who
      // still holds the pipes
      const left = [paths.directory, cgroup].some((path) => path && existsSync(path))
      if (left) await removeSession(paths.directory, cgroup)
      await closed
    },
  }
}

/** What keeper.sh calls the directory until it is whole. */
function unfinished({ directory }: SessionPaths): string {
  return join(dirname(directory), `.new-${basename(directory)}`)
}

/** Makes the directory of the user's sessions, or sees that it is his and nobody else's. */
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
      fix: `Check its owner (ls -ld ${base}); remove it if it is yours, or run with another TMPDIR.`,
    })
  }
}

/** The error for a session directory that could not be made. What ran out has a code of its own. */
function directoryError(
  base: string,
  why: string,
  { space, cause }: { readonly space?: Space | undefined; readonly cause?: unknown },
): unknown {
  const error = new ClusterError(
    {
      code: 'SESSION_DIRECTORY',
      message: `cannot make a session below ${base}: ${firstLine(why)}`,
      fix: `TMPDIR is ${dirname(base)}. Make it, or run with a TMPDIR that you may write to, such as /tmp.`,
    },
    { cause },
  )
  return withShortage(error, { directory: base, space, said: why })
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}

/** What a private manager wrote before it ended. */
export async function managerLog(paths: Pick<SessionPaths, 'managerLog'>): Promise<string[]> {
  const text = await readFile(paths.managerLog, 'utf8').catch(() => '')
  return text.trim().split('\n').filter(Boolean).slice(-12)
}
