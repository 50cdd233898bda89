import { randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, readFileSync } from 'node:fs'
import { chown, readdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheDirectory, hasControls } from '../../disk/directories.ts'
import { makeDirectory } from '../../disk/modes.ts'
import { replaceFile } from '../../disk/replace.ts'
import { ClusterError, errnoOf, messageOf } from '../../errors.ts'
import { EarlierTrees } from './earlier.ts'
import { type Entry, readEntry } from './entry.ts'
import { ownUse, type Use, Uses } from './uses.ts'

const DIRECTORIES = ['entries', 'building', 'uses', 'resolved', 'earlier', 'locks', 'downloads']

/** Where trees are kept: `trees` in the user's cache. docs/cache.md says what is in it. */
export function treeCache(env = process.env): string {
  return join(cacheDirectory(env), 'trees')
}

/**
 * The cache of trees. An entry is never written to: it is made elsewhere and renamed into place, and renamed away
 * before it goes. Who uses one says so first and then looks whether it is there; who takes one away moves it first and
 * then looks whether it is used. So neither has to wait for the other.
 *
 * What each use of a tree does is synchronous: a few calls of microseconds, for each of which another thread would take
 * longer to answer.
 */
export class TreeStore {
  readonly directory: string
  readonly uses: Uses
  readonly earlier: EarlierTrees

  constructor(directory = treeCache()) {
    this.directory = directory
    this.uses = new Uses(directory)
    this.earlier = new EarlierTrees(directory)
  }

  get downloads(): string {
    return join(this.directory, 'downloads')
  }

  /** Makes the cache's directories. @throws ClusterError `TREE_CACHE` */
  prepare(): void {
    if (hasControls(this.directory)) {
      throw new ClusterError({
        code: 'TREE_CACHE',
        message: `the tree cache cannot be ${JSON.stringify(this.directory)}: it has a line end or another control character`,
        fix: 'Set XDG_CACHE_HOME to another directory.',
      })
    }
    try {
      const above = dirname(this.directory)
      mkdirSync(above, { recursive: true, mode: 0o700 })
      // A tree has set-uid programs that are this user's: nobody else may come near them
      if ((lstatSync(above).mode & 0o077) !== 0) chmodSync(above, 0o700)
      // Root's trees are made and used by uids that have to pass here
      for (const name of ['', ...DIRECTORIES]) {
        const path = join(this.directory, name)
        mkdirSync(path, { recursive: true, mode: 0o711 })
        // mkdir(2) takes the umask's bits from it
        if ((lstatSync(path).mode & 0o777) !== 0o711) chmodSync(path, 0o711)
      }
    } catch (cause) {
      // Told as what it is, see explainFailure
      if (errnoOf(cause) === 'ENOSPC') throw cause
      throw new ClusterError(
        {
          code: 'TREE_CACHE',
          message: `the tree cache cannot be created: ${messageOf(cause)}`,
          fix: `Check its owner (ls -ld ${dirname(this.directory)}), or set XDG_CACHE_HOME to a directory that you may write to.`,
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
  resolved(wanted: string): string | undefined {
    try {
      return readFileSync(join(this.directory, 'resolved', wanted), 'utf8')
    } catch {
      return undefined
    }
  }

  async resolve(wanted: string, key: string): Promise<void> {
    await replaceFile(join(this.directory, 'resolved', wanted), key)
  }

  /** An entry, held by this process until it ends, or until `uses.end`. Undefined where there is none. */
  take(key: string): HeldEntry | undefined {
    const use = ownUse()
    this.uses.begin(key, use)
    const entry = this.peek(key)
    if (entry) return { ...entry, use }
    this.uses.end({ key, use })
    return undefined
  }

  /** What is written of an entry, without using it. */
  peek(key: string | undefined): Entry | undefined {
    return key ? readEntry(this.entryDirectory(key)) : undefined
  }

  /** Moves an entry that nobody uses to another place. False where there is none, or somebody uses it. */
  async withdraw(key: string, to: string): Promise<boolean> {
    const directory = this.entryDirectory(key)
    if (this.uses.of(key).length > 0) return false
    try {
      await rename(directory, to)
    } catch {
      return false
    }
    if (this.uses.of(key).length === 0) {
      this.uses.forget(key)
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
    await makeDirectory(directory, 0o711)
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
        return this.peek(key) !== undefined
      }
    }
    if (await put()) return
    if (!(await this.withdraw(key, aside))) throw unreadableEntry(key, this.uses.of(key))
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

/** The error for a tree whose record cannot be read, and that a session uses. */
function unreadableEntry(key: string, users: readonly string[]): ClusterError {
  return new ClusterError({
    code: 'TREE_DAMAGED',
    message: `the cache entry of this tree cannot be read, and ${users.join(', ') || 'somebody'} uses it`,
    fix: `npx vitest-cluster list   # the sessions that are up: when that one is down, run again\nnpx vitest-cluster clean --tree ${key.slice(0, 12)}`,
  })
}
