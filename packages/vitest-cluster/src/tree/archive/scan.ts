import type { Readable } from 'node:stream'
import { Bytes } from './bytes.ts'
import type { Member } from './member.ts'
import { BLOCK, type Header, padded, readHeader, readLongName, readPax } from './tar.ts'

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
