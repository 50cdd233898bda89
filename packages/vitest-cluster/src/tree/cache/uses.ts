import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../../errors.ts'

/** A use of an entry: a symbolic link with that name and target. */
export interface Use {
  readonly name: string
  readonly target: string
}

let used = 0

/**
 * A use by this process, which may have several of one entry. The start time of the process (proc_pid_stat(5), field 22)
 * distinguishes it from a later process with the same pid.
 */
export function ownUse(): Use {
  const target = startTime(process.pid) ?? ''
  return { name: `process-${process.pid}-${used++}`, target }
}

/** A use by a session. It lasts until the session's directory is removed. */
export function sessionUse(id: string, directory: string): Use {
  return { name: `session-${id}`, target: directory }
}

/** The uses of a cache's entries, as symbolic links: `clean` keeps entries with uses. Synchronous, see {@link TreeStore}. */
export class Uses {
  readonly #cache: string

  constructor(cache: string) {
    this.#cache = cache
  }

  #directory(key: string): string {
    return join(this.#cache, 'uses', key)
  }

  /** Registers a use of an entry: by a process (see {@link ownUse}), or by a session until its directory is removed. */
  begin(key: string, use: Use): void {
    const directory = this.#directory(key)
    for (;;) {
      mkdirSync(directory, { mode: 0o700, recursive: true })
      try {
        symlinkSync(use.target, join(directory, use.name))
        break
      } catch (error) {
        if (errnoOf(error) === 'EEXIST') break
        // Try again if another process removed the directory between the two calls
        if (errnoOf(error) !== 'ENOENT') throw error
      }
    }
    try {
      // `clean --older-than` needs the time of the last use
      const now = new Date()
      utimesSync(join(this.#cache, 'entries', key, 'entry.json'), now, now)
    } catch {
      // There is no such entry: the caller finds that out when it reads the entry
    }
  }

  end({ key, use }: { readonly key: string; readonly use: Use }): void {
    rmSync(join(this.#directory(key), use.name), { force: true })
  }

  /** The names of an entry's present uses. Removes the uses of processes and sessions that have ended. */
  of(key: string): string[] {
    const directory = this.#directory(key)
    if (!existsSync(directory)) return []
    return readdirSync(directory).filter((name) => {
      const path = join(directory, name)
      const live = isAlive({ name, target: targetOf(path) })
      if (!live) rmSync(path, { force: true })
      return live
    })
  }

  /** Removes all uses of an entry that was removed. */
  forget(key: string): void {
    rmSync(this.#directory(key), { recursive: true, force: true })
  }
}

/** Whether the process or session of a use still exists. */
function isAlive({ name, target }: Use): boolean {
  const pid = /^process-(\d+)-\d+$/.exec(name)?.[1]
  return pid ? startTime(Number(pid)) === target : existsSync(target)
}

function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}
