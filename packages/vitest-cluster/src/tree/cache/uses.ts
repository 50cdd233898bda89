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

/** Who uses an entry: a link by that name to that target. */
export interface Use {
  readonly name: string
  readonly target: string
}

let used = 0

/**
 * One use by this process, which may have several of one entry. Told from those of a later process of the same number
 * by when this one began (proc_pid_stat(5), field 22).
 */
export function ownUse(): Use {
  const target = startTime(process.pid) ?? ''
  return { name: `process-${process.pid}-${used++}`, target }
}

/** A session, which uses a tree until its directory is gone. */
export function sessionUse(id: string, directory: string): Use {
  return { name: `session-${id}`, target: directory }
}

/** Who uses which entry of a cache: links, by which `clean` goes. Synchronous, as all that each use of a tree does. */
export class Uses {
  readonly #cache: string

  constructor(cache: string) {
    this.#cache = cache
  }

  #directory(key: string): string {
    return join(this.#cache, 'uses', key)
  }

  /** Says that an entry is used: by a process (see {@link ownUse}) or by a session, for as long as its directory is there. */
  begin(key: string, use: Use): void {
    const directory = this.#directory(key)
    for (;;) {
      mkdirSync(directory, { mode: 0o700, recursive: true })
      try {
        symlinkSync(use.target, join(directory, use.name))
        break
      } catch (error) {
        if (errnoOf(error) === 'EEXIST') break
        // Once more where somebody took the directory away between the two
        if (errnoOf(error) !== 'ENOENT') throw error
      }
    }
    try {
      // `clean --older-than` asks for the last use
      const now = new Date()
      utimesSync(join(this.#cache, 'entries', key, 'entry.json'), now, now)
    } catch {
      // no such entry, as whoever takes it finds out
    }
  }

  end({ key, use }: { readonly key: string; readonly use: Use }): void {
    rmSync(join(this.#directory(key), use.name), { force: true })
  }

  /** The names of those who use an entry now. Forgets who is no more. */
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

  /** Forgets all uses of an entry that is no more. */
  forget(key: string): void {
    rmSync(this.#directory(key), { recursive: true, force: true })
  }
}

/** Whether who uses an entry still is there. */
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
