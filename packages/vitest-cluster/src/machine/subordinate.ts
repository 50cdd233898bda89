import { userInfo } from 'node:os'

/** A line of subuid(5) or subgid(5). */
export interface Range {
  readonly owner: string
  readonly first: number
  readonly count: number
}

/** All ranges of a file. Lines that are not a range are skipped, as shadow's programs do. */
export function parseRanges(text: string): Range[] {
  return text.split('\n').flatMap((line) => {
    const match = /^([^:#\s]+):(\d+):(\d+)\s*$/.exec(line)
    const [, owner = '', first, count] = match ?? []
    return match ? [{ owner, first: Number(first), count: Number(count) }] : []
  })
}

/** The range that `unshare --map-auto` takes: the user's first, by name or by number. */
export function firstRange(ranges: readonly Range[], user: string, uid: number): Range | undefined {
  return ranges.find(({ owner }) => owner === user || owner === `${uid}`)
}

/** The first uid above all ranges, at least 100000 as useradd(8) has it: a new range there overlaps no other. */
export function freeStart(ranges: readonly Range[]): number {
  return Math.max(100_000, ...ranges.map(({ first, count }) => first + count))
}

/** A range as the file has it: `dev:100000:65536`. */
export function rangeText({ owner, first, count }: Range): string {
  return `${owner}:${first}:${count}`
}

/** The name of this process's user, or the uid where a container has no account for that. */
export function userName(uid: number): string {
  try {
    return userInfo().username
  } catch {
    return `${uid}`
  }
}
