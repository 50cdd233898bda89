import { nameOf } from '../../disk/names.ts'
import { LARGE, sha256 } from '../build/hashes.ts'

/** Fields of a path in what libexec/tree/seal.sh lists. */
const FIELDS = 9

/** A path of a tree. */
export interface Line {
  /** `f`, `d`, `l` and so on, as find(1)'s `%y`. */
  readonly type: string
  readonly mode: string
  /** Numbers as they are inside the tree. */
  readonly uid: string
  readonly gid: string
  readonly size: string
  readonly mtime: string
  readonly inode: string
  /** A link's target, or a regular file's digest. */
  readonly content: string
  /** As the target, text as in disk/names.ts. */
  readonly path: string
}

/**
 * Reads what libexec/tree/seal.sh listed by find(1): NUL-separated, for a name may hold anything else. Contents of
 * regular files are empty as yet. Sorted by path.
 */
export function parseFind(listing: Buffer): Line[] {
  const fields = nameOf(listing).split('\0')
  const lines: Line[] = []
  for (let i = 0; i + FIELDS <= fields.length; i += FIELDS) {
    const [type, mode, uid, gid, size, mtime, inode, content, path] = fields.slice(
      i,
      i + FIELDS,
    ) as [string, string, string, string, string, string, string, string, string]
    lines.push({ type, mode, uid, gid, size, mtime, inode, content, path })
  }
  return lines.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Fills in the digests of regular files that `known` has for the same inode, size and time. */
export function fillKnown(lines: readonly Line[], known: readonly Line[]): Line[] {
  const identity = ({ inode, size, mtime }: Line) => `${inode} ${size} ${mtime}`
  const digests = new Map(known.map((line) => [identity(line), line.content]))
  return lines.map((line) =>
    line.type === 'f' ? { ...line, content: digests.get(identity(line)) ?? '' } : line,
  )
}

/** Fills in digests as `sha256sum --zero` prints them. */
export function fillDigests(lines: readonly Line[], printed: Buffer): Line[] {
  const digests = new Map(
    nameOf(printed)
      .split('\0')
      .flatMap((each) => {
        const match = /^([0-9a-f]{64}) [ *](?:\.\/)?(.*)$/s.exec(each)
        return match ? [[match[2] ?? '', match[1] ?? ''] as const] : []
      }),
  )
  return lines.map((line) =>
    line.type === 'f' && !line.content ? { ...line, content: digests.get(line.path) ?? '' } : line,
  )
}

/** Fills in the digests of large files that have none. @param digest see archive/large-file.ts */
export async function fillLarge(
  lines: readonly Line[],
  digest: (line: Line) => Promise<string>,
): Promise<Line[]> {
  const filled: Line[] = []
  for (const line of lines) {
    const missing = line.type === 'f' && !line.content && Number(line.size) >= LARGE
    filled.push(missing ? { ...line, content: await digest(line) } : line)
  }
  return filled
}

/** One line of text for each path, for a file. */
export function render(lines: readonly Line[]): string {
  return lines.map((line) => `${JSON.stringify(Object.values(line))}\n`).join('')
}

/** Reads what {@link render} wrote. */
export function parse(text: string): Line[] {
  return text.split('\n').flatMap((each) => {
    if (!each) return []
    const [type, mode, uid, gid, size, mtime, inode, content, path] = JSON.parse(each)
    return [{ type, mode, uid, gid, size, mtime, inode, content, path }]
  })
}

/** What a line says of the tree itself, not of the disk that it is on nor of when it was made. */
export function essence({ type, mode, uid, gid, size, content, path }: Line): string {
  return JSON.stringify([path, type, mode, uid, gid, type === 'f' ? size : '', content])
}

/** The digest of a whole tree. */
export function digestOf(lines: readonly Line[]): string {
  return sha256(lines.map(essence).join('\n'))
}
