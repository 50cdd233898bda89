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

/** The directory of the cache of trees: `trees` in the user's cache. docs/cache.md describes its content. */
export function treeCache(env = process.env): string {
  return join(cacheDirectory(env), 'trees')
}

/**
 * The cache of trees. An entry is never changed: it is built in another directory and renamed into place, and renamed away
 * before it is removed. A process that uses an entry first registers the use, and then checks that the entry exists; one
 * that removes an entry first moves it away, and then checks that it has no use. So neither has to wait for the other.
 *
 * All that every use of a tree does is synchronous: a few system calls of microseconds, which are slower when they are
 * asynchronous.
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
        message: `the directory of the tree cache, ${JSON.stringify(this.directory)}, contains a line end or another control character`,
        fix: 'Set XDG_CACHE_HOME to another directory.',
      })
    }
    try {
      const above = dirname(this.directory)
      mkdirSync(above, { recursive: true, mode: 0o700 })
      // A tree contains set-uid programs of this user: other users must not reach them
      if ((lstatSync(above).mode & 0o077) !== 0) chmodSync(above, 0o700)
      // Other uids build and use root's trees, and need search permission here
      for (const name of ['', ...DIRECTORIES]) {
        const path = join(this.directory, name)
        mkdirSync(path, { recursive: true, mode: 0o711 })
        // mkdir(2) applies the umask
        if ((lstatSync(path).mode & 0o777) !== 0o711) chmodSync(path, 0o711)
      }
    } catch (cause) {
      // explainFailure() reports a full disk
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

  /** The lock for building a step, by the step's wanted key. */
  lockFile(wanted: string): string {
    return join(this.directory, 'locks', wanted)
  }

  /** The key that a step was resolved to when it was built; the wanted key itself if it never was. */
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

  /** An entry that this process holds until it ends, or until `uses.end`. Undefined if there is none. */
  take(key: string): HeldEntry | undefined {
    const use = ownUse()
    this.uses.begin(key, use)
    const entry = this.peek(key)
    if (entry) return { ...entry, use }
    this.uses.end({ key, use })
    return undefined
  }

  /** Reads an entry without registering a use. */
  peek(key: string | undefined): Entry | undefined {
    return key ? readEntry(this.entryDirectory(key)) : undefined
  }

  /** Moves an unused entry to another path. False if there is no such entry, or if it is in use. */
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

  /** Creates a directory to build a step in, owned by the namespace's root. */
  async buildDirectory(wanted: string, owner: number | undefined): Promise<string> {
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
   * Moves a finished entry into the cache. If another run was faster, its entry stays. An entry that cannot be read, as
   * after a power failure, is replaced.
   * @param aside the path that an unreadable entry is moved to
   * @throws ClusterError `TREE_DAMAGED` if a session uses an unreadable entry
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

  /** The keys of all entries in the cache, also of unreadable ones. */
  async keys(): Promise<string[]> {
    const names = await readdir(join(this.directory, 'entries')).catch(() => [])
    return names.filter((name) => /^[0-9a-f]{32}$/.test(name))
  }

  /** All readable entries. Their files are not checked. */
  async entries(): Promise<Entry[]> {
    const keys = await this.keys()
    return keys.flatMap((key) => readEntry(this.entryDirectory(key)) ?? [])
  }
}

/** An entry that this process uses. */
export interface HeldEntry extends Entry {
  readonly use: Use
}

/** The error for a tree in use whose record cannot be read. */
function unreadableEntry(key: string, users: readonly string[]): ClusterError {
  return new ClusterError({
    code: 'TREE_DAMAGED',
    message: `the cache entry of this tree cannot be read, and it cannot be replaced while it is used by ${users.join(', ') || 'another process'}`,
    fix: `npx vitest-cluster list   # shows the sessions; end the one that uses the tree, then run again\nnpx vitest-cluster clean --tree ${key.slice(0, 12)}`,
  })
}
