import type { Readable } from 'node:stream'
import { padded } from './tar.ts'

/** What a header of headers has at most; GNU tar has no longer names. */
const LONGEST = 4 * 1024 * 1024

/** A stream in pieces of the length that is wanted. */
export class Bytes {
  readonly #stream: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(stream: Readable) {
    this.#stream = stream[Symbol.asyncIterator]()
  }

  /** So many bytes; undefined at the end of the stream. @throws Error where it ends in the middle of them */
  async take(length: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = []
    let missing = length
    while (missing > 0) {
      const piece = await this.#some()
      if (!piece && missing === length) return undefined
      if (!piece) throw new Error('unexpected end of data')
      const part = piece.subarray(0, missing)
      this.#rest = piece.subarray(part.length)
      missing -= part.length
      pieces.push(part)
    }
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
  }

  async content(size: number): Promise<Buffer> {
    if (!(size >= 0 && size <= LONGEST)) throw new Error('a header exceeds 4 MiB')
    const content = await this.take(padded(size))
    if (!content && size > 0) throw new Error('unexpected end of data')
    return (content ?? Buffer.alloc(0)).subarray(0, size)
  }

  async skip(length: number): Promise<void> {
    await this.pass(length, () => {})
  }

  /** Gives so many bytes in pieces as they come. */
  async pass(length: number, take: (piece: Buffer) => void): Promise<void> {
    for (let missing = length; missing > 0; ) {
      const piece = await this.#some()
      if (!piece) throw new Error('unexpected end of data')
      const part = piece.subarray(0, missing)
      this.#rest = piece.subarray(part.length)
      missing -= part.length
      take(part)
    }
  }

  /** Reads to the end of the stream: a program that writes it would fail else. */
  async drain(): Promise<void> {
    while (await this.#some()) this.#rest = Buffer.alloc(0)
  }

  /** Whoever stops in the middle lets go of the file. */
  async close(): Promise<void> {
    await this.#stream.return?.()
  }

  async #some(): Promise<Buffer | undefined> {
    if (this.#rest.length > 0) return this.#rest
    const { done, value } = await this.#stream.next()
    return done ? undefined : value
  }
}
