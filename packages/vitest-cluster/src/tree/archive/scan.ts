import { readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Member } from './member.ts'
import { BLOCK, type Header, padded, readHeader, readLongName, readPax } from './tar.ts'

/** What a header of headers has at most; GNU tar has no longer names. */
const LONGEST = 4 * 1024 * 1024

/**
 * Reads the headers of a plain tar. Names are read as bytes, whichever header they are in: what is checked of a member is
 * what tar(1) unpacks.
 * @param visit told of every member in order; what it throws ends the reading
 * @returns how many there were
 */
export async function scanTar(tar: string, visit: (member: Member) => void): Promise<number> {
  const file = await open(tar)
  try {
    return scan(file.fd, (await file.stat()).size, visit)
  } finally {
    await file.close()
  }
}

/** Synchronous: a header of 512 bytes is read sooner than another thread answers. */
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
    // Some writers give directories a size, and nothing follows
    if (member.type !== 'directory') skip(padded(member.size))
  }
  if (count > 0 && !ended) throw new Error('it is cut off after a member: it has no end')
  return count
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
