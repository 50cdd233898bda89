import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readFile, readlink, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** The digest of a text, 64 hexadecimal digits. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Below this a file is read rather than remembered: that is quicker than to look it up. */
const REMEMBERED = 65_536

/**
 * Digests of files, remembered as long as device, inode, size and times of a file are the same: as git's index does.
 * A file changed in the very moment it was read is not remembered (git calls it racily clean).
 */
export class FileHashes {
  readonly #file: string | undefined
  #known: Map<string, string> | undefined
  #changed = false

  /** @param file where digests are kept from run to run; nowhere if undefined */
  constructor(file?: string) {
    this.#file = file
  }

  /** The digest of one file's content. Rejects with Node's error. */
  async file(path: string): Promise<string> {
    const stat = await lstat(path, { bigint: true })
    if (stat.size < REMEMBERED) return sha256(await readFile(path))
    const known = await this.#load()
    const identity = [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ')
    const found = known.get(identity)
    if (found) return found
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash)
    const digest = hash.digest('hex')
    if (Date.now() - Number(stat.ctimeNs / 1_000_000n) > 2_000) {
      known.set(identity, digest)
      this.#changed = true
    }
    return digest
  }

  /**
   * Every file at or below a path by its path relative to that, `''` for a single file, with its digest, mode or
   * target. Sorted by name.
   */
  async tree(path: string): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    await this.#walk(path, '', found)
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  async #walk(path: string, name: string, found: Map<string, string>): Promise<void> {
    const stat = await lstat(path)
    const mode = (stat.mode & 0o7777).toString(8)
    if (stat.isSymbolicLink()) found.set(name, `link ${await readlink(path)}`)
    else if (stat.isFile()) found.set(name, `file ${mode} ${await this.file(path)}`)
    else if (stat.isDirectory()) {
      found.set(name, `directory ${mode}`)
      const names = await readdir(path)
      await Promise.all(
        names.map((each) => this.#walk(join(path, each), name ? `${name}/${each}` : each, found)),
      )
    }
  }

  /** Keeps what was learned for the next run. A cache that cannot be written costs only time. */
  async save(): Promise<void> {
    if (!this.#changed || !this.#file || !this.#known) return
    const text = JSON.stringify([...this.#known].slice(-20_000))
    const temporary = `${this.#file}.${process.pid}`
    await writeFile(temporary, text, { mode: 0o600 })
      .then(() => rename(temporary, this.#file as string))
      .catch(() => {})
  }

  async #load(): Promise<Map<string, string>> {
    if (!this.#known) {
      const text = this.#file ? await readFile(this.#file, 'utf8').catch(() => '[]') : '[]'
      let entries: [string, string][] = []
      try {
        entries = JSON.parse(text) as [string, string][]
      } catch {
        // half a file of a run that was killed: everything is read once more
      }
      this.#known = new Map(entries)
    }
    return this.#known
  }
}
