import { readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Member } from './member.ts'
import { BLOCK, type Header, padded, readHeader, readLongName, readPax } from './tar.ts'

/** The most bytes of an extended header; GNU tar writes no longer names. */
const LONGEST = 4 * 1024 * 1024

/**
 * Reads the headers of a plain tar. Names are read as bytes from any kind of header, so that the checked name is the one
 * that tar(1) unpacks.
 * @param visit called with every member in order; an error that it throws ends the scan
 * @returns the number of members
 */
export async function scanTar(tar: string, visit: (member: Member) => void): Promise<number> {
  const file = await open(tar)
  try {
    return scan(file.fd, (await file.stat()).size, visit)
  } finally {
    await file.close()
  }
}

/** Synchronous, because that is faster for headers of 512 bytes. */
function scan(fd: number, end: number, visit: (member: Member) => void): number {
  let at = 0
  const skip = (length: number) => {
    at += length
    if (at > end) throw new Error('unexpected end of data')
  }
  const take = (length: number) => {
    const bytes = Buffer.alloc(length)
    const start = at
    skip(length)
    readSync(fd, bytes, 0, length, start)
    return bytes
  }
  let count = 0
  let ended = false
  let global: Readonly<Record<string, string>> = {}
  let next: Partial<Header> & { pax?: Readonly<Record<string, string>> } = {}
  while (at < end) {
    const header = readHeader(take(BLOCK))
    ended = !header
    if (!header) continue
    const { type, size } = header
    if (type === 'pax' || type === 'pax-global' || type === 'long-link' || type === 'long-name') {
      if (!(size >= 0 && size <= LONGEST)) throw new Error('a header exceeds 4 MiB')
      const content = take(padded(size)).subarray(0, size)
      if (type === 'pax-global') global = { ...global, ...readPax(content) }
      else if (type === 'pax') next = { ...next, ...ofPax({ ...global, ...readPax(content) }) }
      else if (type === 'long-name') next = { name: readLongName(content), ...next }
      else next = { linkname: readLongName(content), ...next }
      continue
    }
    const member = typed({ ...header, type, ...ofPax(global), ...next })
    next = {}
    if (!(member.size >= 0)) throw new Error('invalid tar header: an invalid size')
    count++
    visit(member)
    // Some writers set a size for directories, although no content follows
    if (member.type !== 'directory') skip(padded(member.size))
  }
  if (count > 0 && !ended) throw new Error('the end of the archive is missing')
  return count
}

/** In old tars a name that ends with / is a directory. */
function typed(member: Member): Member {
  return member.type === 'file' && member.name.endsWith('/')
    ? { ...member, type: 'directory' }
    : member
}

/** The fields of a pax header that override those of the next header. */
function ofPax(pax: Readonly<Record<string, string>>) {
  return {
    ...(pax['path'] ? { name: pax['path'] } : {}),
    ...(pax['linkpath'] ? { linkname: pax['linkpath'] } : {}),
    ...(pax['size'] ? { size: Number.parseInt(pax['size'], 10) } : {}),
    pax,
  }
}
