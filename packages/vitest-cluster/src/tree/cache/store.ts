import { randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheDirectory } from '../../disk/directories.ts'
import { ClusterError, errnoOf, messageOf } from '../../errors.ts'
import { damagedEntry, unreadableEntry } from './damaged.ts'
import { type Entry, readEntry } from './entry.ts'
import { damage, readTraits } from './traits.ts'
import { isAlive, ownUse, type Use } from './use.ts'

/** Where trees are kept: `trees` in the user's cache. docs/cache.md says what is in it. */
export function treeCache(env = process.env): string {
  return join(cacheDirectory(env), 'trees')
}

/**
 * The cache of trees. An entry is never written to: it is made elsewhere and renamed into place, and renamed away
 * before it goes. Who uses one says so first and then looks whether it is there; who takes one away moves it first and
 * then looks whether it is used. So neither has to wait for the other.
 */
export class TreeStore {
  readonly directory: string

  constructor(directory = treeCache()) {
    this.directory = directory
  }

  get downloads(): string {
    return join(this.directory, 'downloads')
  }

  /** Makes the cache's directories. @throws ClusterError `TREE_CACHE` */
  async prepare(): Promise<void> {
    try {
      const above = dirname(this.directory)
      await mkdir(above, { recursive: true, mode: 0o700 })
      // A tree has set-uid programs that are this user's: nobody else may come near them
      if (((await lstat(above)).mode & 0o077) !== 0) await chmod(above, 0o700)
      for (const name of ['', 'entries', 'building', 'uses', 'resolved', 'locks', 'downloads']) {
        const path = join(this.directory, name)
        // Root's trees are made and used by uids that have to pass here
        await mkdir(path, { mode: 0o711 }).catch((error: unknown) => {
          if (errnoOf(error) !== 'EEXIST') throw error
        })
      }
    } catch (cause) {
      // Told as what it is, see explainFailure
      if (errnoOf(cause) === 'ENOSPC') throw cause
      throw new ClusterError(
        {
          code: 'TREE_CACHE',
          message: `the cache of trees cannot be made: ${messageOf(cause)}`,
          mend: `See whose it is (ls -ld ${dirname(this.directory)}), or set XDG_CACHE_HOME to a directory that you may write to.`,
        },
        { cause },
      )
    }
  }

  entryDirectory(key: string): string {
    return join(this.directory, 'entries', key)
  }

  /** The lock of whoever makes a step, by its wanted key. */
  lockFile(wanted: string): string {
    return join(this.directory, 'locks', wanted)
  }

  /** The key that a step resolved to when it was made; the wanted key itself where it never had to. */
  async resolved(wanted: string): Promise<string | undefined> {
    return readFile(join(this.directory, 'resolved', wanted), 'utf8').catch(() => undefined)
  }

  async resolve(wanted: string, key: string): Promise<void> {
    const file = join(this.directory, 'resolved', wanted)
    await writeFile(`${file}.${process.pid}`, key, { mode: 0o600 })
    await rename(`${file}.${process.pid}`, file)
  }

  /** Whether there is such an entry. Says nothing of its state. */
  async has(key: string): Promise<boolean> {
    return lstat(join(this.entryDirectory(key), 'entry.json')).then(
      () => true,
      () => false,
    )
  }

  /**
   * An entry, held by this process until it ends, or until {@link release}. Undefined where there is none.
   * @throws ClusterError `TREE_DAMAGED` where somebody has changed it
   */
  async take(key: string): Promise<HeldEntry | undefined> {
    const entry = await this.takeAsIs(key)
    const traits = entry && readTraits(entry.directory)
    const damaged = traits && damage(entry.path, traits)
    if (traits && damaged === undefined) return entry
    if (entry) await this.release(entry)
    if (entry && damaged !== undefined) throw damagedEntry(entry, damaged)
    return undefined
  }

  /** As {@link take}, whatever the state of its files. */
  async takeAsIs(key: string): Promise<HeldEntry | undefined> {
    const use = await ownUse()
    await this.hold(key, use)
    const entry = readEntry(this.entryDirectory(key))
    if (entry) return { ...entry, use }
    await this.release({ key, use })
    return undefined
  }

  /** Whether all that was written of an entry can be read. Says nothing of its files. */
  isWhole(key: string): boolean {
    const directory = this.entryDirectory(key)
    return readEntry(directory) !== undefined && readTraits(directory) !== undefined
  }

  /** What is written of an entry, without using it. */
  peek(key: string | undefined): Entry | undefined {
    return key ? readEntry(this.entryDirectory(key)) : undefined
  }

  /** Says that an entry is used: by a process (see {@link ownUse}) or by a session, for as long as its directory is there. */
  async hold(key: string, use: Use): Promise<void> {
    const directory = join(this.directory, 'uses', key)
    const link = async () => {
      await mkdir(directory, { mode: 0o700, recursive: true })
      await symlink(use.target, join(directory, use.name)).catch((error: unknown) => {
        if (errnoOf(error) !== 'EEXIST') throw error
      })
    }
    // Once more where `clean` took the directory away between the two
    await link().catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error
      return link()
    })
    // `clean --older-than` asks for the last use
    const now = new Date()
    await utimes(join(this.entryDirectory(key), 'entry.json'), now, now).catch(() => {})
  }

  /** Gives up what {@link take} gave. */
  async release({ key, use }: Pick<HeldEntry, 'key' | 'use'>): Promise<void> {
    await rm(join(this.directory, 'uses', key, use.name), { force: true })
  }

  /** Who uses an entry now. Forgets who is no more. */
  async uses(key: string): Promise<string[]> {
    const directory = join(this.directory, 'uses', key)
    const names = await readdir(directory).catch(() => [])
    const live = await Promise.all(
      names.map(async (name) => {
        const target = await readlink(join(directory, name)).catch(() => '')
        if (await isAlive({ name, target })) return true
        await rm(join(directory, name), { force: true })
        return false
      }),
    )
    return names.filter((_, index) => live[index])
  }

  /** Moves an entry that nobody uses to another place. False where there is none, or somebody uses it. */
  async withdraw(key: string, to: string): Promise<boolean> {
    const directory = this.entryDirectory(key)
    if ((await this.uses(key)).length > 0) return false
    try {
      await rename(directory, to)
    } catch {
      return false
    }
    if ((await this.uses(key)).length === 0) {
      await rm(join(this.directory, 'uses', key), { recursive: true, force: true })
      return true
    }
    await rename(to, directory)
    return false
  }

  /** A new directory to make a step in, of the namespace's root. */
  async workplace(wanted: string, owner: number | undefined): Promise<string> {
    const directory = join(
      this.directory,
      'building',
      `${wanted}.${randomBytes(4).toString('hex')}`,
    )
    await mkdir(directory, { mode: 0o711 })
    if (owner !== undefined) await chown(directory, owner, owner)
    return directory
  }

  /**
   * Puts a finished entry in its place. Where another run was quicker, that one stays; one that nobody can read any
   * more, as after a power cut, makes way.
   * @param aside where that goes
   * @throws ClusterError `TREE_DAMAGED` where a session uses what cannot be read
   */
  async publish(key: string, from: string, aside: string): Promise<void> {
    const to = this.entryDirectory(key)
    const put = async () => {
      try {
        await rename(from, to)
        return true
      } catch (error) {
        if (!['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error
        return this.isWhole(key)
      }
    }
    if (await put()) return
    if (!(await this.withdraw(key, aside))) throw unreadableEntry(key, await this.uses(key))
    await put()
  }

  /** The keys of all that is in the cache, also of what nobody can read any more. */
  async keys(): Promise<string[]> {
    const names = await readdir(join(this.directory, 'entries')).catch(() => [])
    return names.filter((name) => /^[0-9a-f]{32}$/.test(name))
  }

  /** All entries that can be read, whatever the state of their files. */
  async entries(): Promise<Entry[]> {
    const keys = await this.keys()
    return keys.flatMap((key) => readEntry(this.entryDirectory(key)) ?? [])
  }
}

/** An entry that this process uses. */
export interface HeldEntry extends Entry {
  readonly use: Use
}
