import { nameOf } from '../../disk/names.ts'
import { sha256 } from '../build/hashes.ts'

/**
 * A line of a manifest: the properties of one path of a tree, as libexec/tree/seal.sh lists them by find(1). All are text:
 * - `type`: `f`, `d`, `l` and so on (`%y`);
 * - `uid`, `gid`: as they are inside the tree;
 * - `content`: a link's target, or a regular file's digest;
 * - `path`: relative to the tree; it and the target are text as in disk/names.ts.
 */
export type Line = Readonly<Record<(typeof FIELDS)[number], string>>

const FIELDS = ['type', 'mode', 'uid', 'gid', 'size', 'mtime', 'inode', 'content', 'path'] as const

function lineOf(values: readonly string[]): Line {
  return Object.fromEntries(FIELDS.map((name, index) => [name, values[index] ?? ''])) as Line
}

/**
 * Parses the list of libexec/tree/seal.sh, which is NUL-separated because a name may contain any other byte. `content` of
 * regular files is still empty. Sorted by path.
 */
export function parseFind(listing: Buffer): Line[] {
  const fields = nameOf(listing).split('\0')
  const lines: Line[] = []
  for (let i = 0; i + FIELDS.length <= fields.length; i += FIELDS.length)
    lines.push(lineOf(fields.slice(i, i + FIELDS.length)))
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

/** Fills in digests as `sha256sum --zero` and libexec/tree/large.sh print them. */
export function fillDigests(lines: readonly Line[], printed: Buffer): Line[] {
  const digests = new Map(
    nameOf(printed)
      .split('\0')
      .flatMap((each) => {
        const match = /^((?:pieces:)?[0-9a-f]{64}) [ *](?:\.\/)?(.*)$/s.exec(each)
        return match ? [[match[2] ?? '', match[1] ?? ''] as const] : []
      }),
  )
  return lines.map((line) =>
    line.type === 'f' && !line.content ? { ...line, content: digests.get(line.path) ?? '' } : line,
  )
}

/** The text of a manifest: a line for each path. */
export function render(lines: readonly Line[]): string {
  return lines.map((line) => `${JSON.stringify(Object.values(line))}\n`).join('')
}

/** Reads what {@link render} wrote. */
export function parse(text: string): Line[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((each) => lineOf(JSON.parse(each)))
}

/** The part of a line that depends on the tree alone: not on the disk, nor on the time of the build. */
export function digestLine({ type, mode, uid, gid, size, content, path }: Line): string {
  return JSON.stringify([path, type, mode, uid, gid, type === 'f' ? size : '', content])
}

/** The digest of a whole tree. */
export function digestOf(lines: readonly Line[]): string {
  return sha256(lines.map(digestLine).join('\n'))
}
