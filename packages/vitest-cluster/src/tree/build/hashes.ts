import { createHash } from 'node:crypto'
import { type BigIntStats, createReadStream, lstatSync, readFileSync } from 'node:fs'
import { lstat, readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { namesIn, pathOf, targetOf } from '../../disk/names.ts'
import { replaceFile } from '../../disk/replace.ts'

/** The digest of a text, 64 hexadecimal digits. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The same digest as that of sha256sum(1). */
export async function plainDigest(content: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of content) hash.update(chunk)
  return hash.digest('hex')
}

/** The size in bytes from which on a file's digest skips blocks of zeros, see libexec/tree/large.sh. */
export const LARGE = 2 ** 28
/** Files with fewer bytes are read each time: that is as fast as to remember their digests. */
const REMEMBERED = 1_024
/** The most digests that are remembered, the latest ones: about four megabytes. */
const KEPT = 30_000
/** Milliseconds within which a file may change without a change of its times: then its digest is not remembered. */
const RACY = 2_000

/**
 * Digests of files, remembered while device, inode, size and times of a file are the same, as in git's index. The digest of
 * a file that changed shortly before it was read is not remembered (git calls such a file racily clean).
 */
export class FileHashes {
  readonly #file: string | undefined
  #known: Promise<Map<string, string>> | undefined
  #changed = false

  readonly #digestOfLarge: (path: string) => Promise<string>

  /**
   * @param file the file that keeps digests from run to run; undefined for none
   * @param digestOfLarge computes the digest of a file of {@link LARGE} bytes or more
   */
  constructor(file?: string, digestOfLarge = digestOf) {
    this.#file = file
    this.#digestOfLarge = digestOfLarge
  }

  /** The digest of one file's content. Rejects with Node's error. */
  async file(path: string): Promise<string> {
    return this.#digest(path, await lstat(pathOf(path), { bigint: true }))
  }

  /**
   * Every file at or below a path by its path relative to that, `''` for a single file, with its digest, mode or
   * target. Sorted by name. Names and targets are text as in disk/names.ts.
   */
  async tree(path: string): Promise<Map<string, string>> {
    const known = await this.#load()
    const found = new Map<string, string>()
    const unknown: [at: string, stat: BigIntStats, name: string][] = []
    // Synchronous, because it is faster: each use of a tree may stat ten thousand files
    const walk = (at: string, name: string) => {
      const stat = lstatSync(pathOf(at), { bigint: true })
      const mode = modeOf(stat)
      if (stat.isSymbolicLink()) found.set(name, `link ${targetOf(at)}`)
      else if (stat.isFile()) {
        const small = stat.size < REMEMBERED
        const digest = small ? sha256(readFileSync(pathOf(at))) : known.get(identityOf(stat, true))
        if (digest) found.set(name, `file ${mode} ${digest}`)
        else unknown.push([at, stat, name])
      } else if (stat.isDirectory()) {
        found.set(name, `directory ${mode}`)
        for (const each of namesIn(at)) walk(`${at}/${each}`, name ? `${name}/${each}` : each)
      }
    }
    walk(path, '')
    for (const [at, stat, name] of unknown)
      found.set(name, `file ${modeOf(stat)} ${await this.#digest(at, stat, true)}`)
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** @param byPieces whether the digest of a large file may skip blocks of zeros, see libexec/tree/large.sh */
  async #digest(path: string, stat: BigIntStats, byPieces = false): Promise<string> {
    if (stat.size < REMEMBERED) return sha256(await readFile(pathOf(path)))
    const known = await this.#load()
    const identity = identityOf(stat, byPieces)
    const found = known.get(identity)
    if (found) return found
    const digest =
      byPieces && stat.size >= LARGE ? await this.#digestOfLarge(path) : await digestOf(path)
    if (Date.now() - Number(stat.ctimeNs / 1_000_000n) > RACY) {
      known.set(identity, digest)
      this.#changed = true
    }
    return digest
  }

  /** Writes the digests for the next run. If the file cannot be written, the next run only takes longer. */
  async save(): Promise<void> {
    if (!this.#changed || !this.#file || !this.#known) return
    const text = JSON.stringify([...(await this.#known)].slice(-KEPT))
    await replaceFile(this.#file, text).catch(() => {})
  }

  /** Loads the file once for all concurrent callers, which then add to the same map. */
  #load(): Promise<Map<string, string>> {
    this.#known ??= readKnown(this.#file)
    return this.#known
  }
}

function digestOf(path: string): Promise<string> {
  return plainDigest(createReadStream(pathOf(path)))
}

async function readKnown(file: string | undefined): Promise<Map<string, string>> {
  const text = file ? await readFile(file, 'utf8').catch(() => '[]') : '[]'
  try {
    return new Map(JSON.parse(text) as [string, string][])
  } catch {
    // A run was killed while it wrote the file: all digests are computed again
    return new Map()
  }
}

function modeOf({ mode }: BigIntStats): string {
  return (mode & 0o7777n).toString(8)
}

function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats, byPieces: boolean): string {
  const how = byPieces && size >= LARGE ? ['pieces'] : []
  return [dev, ino, size, mtimeNs, ctimeNs, ...how].join(' ')
}
