import type { Readable } from 'node:stream'
import type { Member } from './member.ts'
import { BLOCK, type Header, padded, readHeader, readLongName, readPax } from './tar.ts'

/** What a header of headers has at most; GNU tar has no longer names. */
const LONGEST = 4 * 1024 * 1024

/**
 * Reads the headers of a tar. Names are read as bytes, whichever header they are in: what is checked of a member is what
 * tar(1) unpacks.
 * @param visit told of every member in order; what it throws ends the reading
 * @returns how many there were
 */
export async function scanTar(tar: Readable, visit: (member: Member) => void): Promise<number> {
  const bytes = new Bytes(tar)
  try {
    return await scan(bytes, visit)
  } finally {
    await bytes.close()
  }
}

async function scan(bytes: Bytes, visit: (member: Member) => void): Promise<number> {
  let count = 0
  let ended = false
  let global: Readonly<Record<string, string>> = {}
  let next: Partial<Header> & { pax?: Readonly<Record<string, string>> } = {}
  for (;;) {
    const block = await bytes.take(BLOCK)
    if (!block) {
      if (count > 0 && !ended) throw new Error('it is cut off after a member: it has no end')
      return count
    }
    const header = readHeader(block)
    ended = !header
    if (!header) continue
    const { type, size } = header
    if (type === 'pax' || type === 'pax-global' || type === 'long-link' || type === 'long-name') {
      const content = await bytes.content(size)
      if (type === 'pax-global') global = { ...global, ...readPax(content) }
      else if (type === 'pax') next = { ...next, ...ofPax({ ...global, ...readPax(content) }) }
      else if (type === 'long-name') next = { name: readLongName(content), ...next }
      else next = { linkname: readLongName(content), ...next }
      continue
    }
    const member = typed({ ...header, type, ...ofPax(global), ...next })
    next = {}
    if (!(member.size >= 0)) throw new Error('invalid tar header: a size that is none')
    count++
    visit(member)
    // Some writers give directories a size, and nothing follows
    if (member.type !== 'directory') await bytes.skip(padded(member.size))
  }
}

/** Old tars say by the name's end that it is a directory. */
function typed(member: Member): Member {
  return member.type === 'file' && member.name.endsWith('/')
    ? { ...member, type: 'directory' }
    : member
}

/** What a pax header says instead of the one after it. */
function ofPax(pax: Readonly<Record<string, string>>) {
  return {
    ...(pax['path'] ? { name: pax['path'] } : {}),
    ...(pax['linkpath'] ? { linkname: pax['linkpath'] } : {}),
    ...(pax['size'] ? { size: Number.parseInt(pax['size'], 10) } : {}),
    pax,
  }
}

/** A stream in pieces of the length that is wanted. */
class Bytes {
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
    for (let missing = length; missing > 0; ) {
      const piece = await this.#some()
      if (!piece) throw new Error('unexpected end of data')
      this.#rest = piece.subarray(missing)
      missing -= piece.length - this.#rest.length
    }
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
