import { bytesOf, nameOf } from '../../disk/names.ts'

/** Bytes of a block. A header is a block, and content is padded to whole blocks (tar(5)). */
export const BLOCK = 512

/** A header of a tar. Names are text as in disk/names.ts. */
export interface Header {
  readonly name: string
  readonly type: HeaderType | null
  readonly linkname: string | null
  /** Bytes of the content that follows. */
  readonly size: number
  readonly uid: number
  readonly gid: number
}

export type HeaderType = (typeof TYPES)[keyof typeof TYPES]

const TYPES = {
  '\0': 'file',
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'contiguous-file',
  g: 'pax-global',
  x: 'pax',
  K: 'long-link',
  L: 'long-name',
} as const

/** Reads a header; undefined for a block of zeros, which ends a tar. @throws Error for any other block */
export function readHeader(block: Buffer): Header | undefined {
  if (!block.some((byte) => byte !== 0)) return undefined
  if (checksum(block) !== numberAt(block, 148, 8))
    throw new Error('invalid tar header: the archive is corrupted or not a tar')
  const letter = String.fromCharCode(block[156] ?? 0)
  const posix = block.toString('latin1', 257, 263) === 'ustar\0'
  const prefix = posix ? textAt(block, 345, 155) : ''
  return {
    name: `${prefix ? `${prefix}/` : ''}${textAt(block, 0, 100)}`,
    type: Object.hasOwn(TYPES, letter) ? TYPES[letter as keyof typeof TYPES] : null,
    linkname: block[157] === 0 ? null : textAt(block, 157, 100),
    size: numberAt(block, 124, 12),
    uid: numberAt(block, 108, 8),
    gid: numberAt(block, 116, 8),
  }
}

/** The records of a pax header, as `LENGTH KEY=VALUE` (pax(1)). @throws Error */
export function readPax(content: Buffer): Readonly<Record<string, string>> {
  const records: Record<string, string> = {}
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at)
    const length = Number.parseInt(content.toString('latin1', at, blank), 10)
    const record = content.subarray(blank + 1, at + length - 1)
    const equals = record.indexOf('=')
    if (!(length > 0) || blank < at || equals < 1 || content[at + length - 1] !== 0x0a)
      throw new Error('invalid pax header: the archive is corrupted')
    records[record.toString('latin1', 0, equals)] = nameOf(record.subarray(equals + 1))
    at += length
  }
  return records
}

/** The text of a long name's content. */
export function readLongName(content: Buffer): string {
  return textAt(content, 0, content.length)
}

/** The data of a header. */
export interface Written {
  readonly name: string
  readonly type: 'file' | 'directory' | 'symlink'
  readonly linkname?: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
}

const LETTERS = { file: '0', symlink: '2', directory: '5', longLink: 'K', longName: 'L' } as const

/** A header with the long names before it, as GNU tar writes it. */
export function writeHeader(written: Written): Buffer {
  const { name, linkname = '', type } = written
  return Buffer.concat([
    ...longName('longName', name),
    ...longName('longLink', linkname),
    header({ ...written, linkname }, LETTERS[type]),
  ])
}

/** Zeros up to the next block. */
export function padding(size: number): Buffer {
  return Buffer.alloc(padded(size) - size)
}

export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK
}

function longName(type: 'longName' | 'longLink', name: string): Buffer[] {
  const content = Buffer.concat([bytesOf(name), Buffer.of(0)])
  const size = content.length
  if (size <= 100) return []
  const own = { name: '././@LongLink', linkname: '', size, mode: 0, uid: 0, gid: 0 }
  return [header(own, LETTERS[type]), content, padding(size)]
}

function header(
  { name, linkname, mode, uid, gid, size }: Omit<Required<Written>, 'type'>,
  letter: string,
): Buffer {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, digits: number) =>
    block.write(Math.floor(value).toString(8).padStart(digits, '0'), at)
  bytesOf(name).copy(block, 0, 0, 100)
  octal(mode, 100, 7)
  octal(uid, 108, 7)
  octal(gid, 116, 7)
  octal(size, 124, 11)
  octal(Date.now() / 1000, 136, 11)
  block.write(letter, 156)
  bytesOf(linkname).copy(block, 157, 0, 100)
  block.write('ustar  \0', 257)
  octal(checksum(block), 148, 7)
  return block
}

/** The sum of a header's bytes, with blanks in the field of the checksum. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += block[at] ?? 0
  return sum
}

function textAt(block: Buffer, at: number, length: number): string {
  const field = block.subarray(at, at + length)
  const end = field.indexOf(0)
  return nameOf(end < 0 ? field : field.subarray(0, end))
}

/** A number in octal, or in binary if it is too large for that, as GNU tar writes it. */
function numberAt(block: Buffer, at: number, length: number): number {
  const field = block.subarray(at, at + length)
  if (((field[0] ?? 0) & 0x80) === 0) {
    const [digits = ''] = /[0-7]+/.exec(field.toString('latin1')) ?? []
    return digits === '' ? 0 : Number.parseInt(digits, 8)
  }
  const bits = BigInt.asIntN(length * 8 - 1, BigInt(`0x${field.toString('hex')}`))
  return Number(bits)
}
