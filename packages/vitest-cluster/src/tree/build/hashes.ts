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

/** What sha256sum(1) says of it. */
export async function plainDigest(content: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of content) hash.update(chunk)
  return hash.digest('hex')
}

/** From so many bytes on, a file's digest leaves out what is zero: see libexec/tree/large.sh. */
export const LARGE = 2 ** 28
/** Bytes below which a file is read each time: that is as quick as to remember it. */
const REMEMBERED = 1_024
/** How many are remembered, the latest: some four megabytes. */
const KEPT = 30_000
/** Milliseconds within which a file may change and have the same times: such a digest is not remembered. */
const RACY = 2_000

/**
 * Digests of files, remembered as long as device, inode, size and times of a file are the same: as git's index does.
 * A file changed in the very moment it was read is not remembered (git calls it racily clean).
 */
export class FileHashes {
  readonly #file: string | undefined
  #known: Promise<Map<string, string>> | undefined
  #changed = false

  readonly #digestOfLarge: (path: string) => Promise<string>

  /**
   * @param file where digests are kept from run to run; nowhere if undefined
   * @param digestOfLarge of a file of {@link LARGE} bytes or more
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
    // Synchronous: a directory of ten thousand files is looked at on each use
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

  /** @param byPieces whether that of a large file may leave out what is zero, see libexec/tree/large.sh */
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

  /** Keeps what was learned for the next run. A cache that cannot be written costs only time. */
  async save(): Promise<void> {
    if (!this.#changed || !this.#file || !this.#known) return
    const text = JSON.stringify([...(await this.#known)].slice(-KEPT))
    await replaceFile(this.#file, text).catch(() => {})
  }

  /** Once, for many ask at the same time: two of them would each learn something that the other does not know. */
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
    // half a file of a run that was killed: everything is read once more
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
