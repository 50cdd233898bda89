import type { Line } from './manifest.ts'

/** A path of a tree that is not as it was made. */
export interface Difference {
  /** From the tree's root: `/etc/motd`. */
  readonly path: string
  /** `has other content`. */
  readonly what: string
}

const TYPES: Readonly<Record<string, string>> = {
  f: 'a file',
  d: 'a directory',
  l: 'a symbolic link',
  p: 'a FIFO',
  s: 'a socket',
}

/**
 * What a layer of files makes of the tree below. Pure.
 * @param own the layer's paths; a file where a directory was takes away what was in that
 */
export function overlaid(below: readonly Line[], own: readonly Line[]): Line[] {
  const lines = new Map(below.map((line) => [line.path, line]))
  for (const line of own) lines.set(line.path, line)
  const solid = own.filter(({ type }) => type !== 'd').map(({ path }) => `${path}/`)
  return [...lines.values()].filter(({ path }) => !solid.some((above) => path.startsWith(above)))
}

/**
 * The paths that differ, by path. Pure.
 * @param owners whether accounts of the tree have files of their own: else all are one uid's
 */
export function differences(
  made: readonly Line[],
  found: readonly Line[],
  owners: boolean,
): Difference[] {
  const before = new Map(made.map((line) => [line.path, line]))
  const now = new Map(found.map((line) => [line.path, line]))
  const paths = [...new Set([...before.keys(), ...now.keys()])].sort()
  return paths.flatMap((path) => {
    const what = difference(before.get(path), now.get(path), owners)
    return what ? [{ path: `/${path}`, what }] : []
  })
}

function difference(
  was: Line | undefined,
  is: Line | undefined,
  owners: boolean,
): string | undefined {
  if (!is) return 'is missing'
  if (!was) return 'was not there'
  const name = ({ type }: Line) => TYPES[type] ?? 'a device'
  if (was.type !== is.type) return `is ${name(is)}, was ${name(was)}`
  if (was.content !== is.content) {
    return was.type === 'l' ? `leads to ${is.content}, led to ${was.content}` : 'has other content'
  }
  // A link has none of its own (symlink(7))
  if (was.mode !== is.mode && was.type !== 'l') return `has mode ${is.mode}, had ${was.mode}`
  const owner = ({ uid, gid }: Line) => `${uid}:${gid}`
  if (owners && owner(was) !== owner(is))
    return `belongs to ${owner(is)}, belonged to ${owner(was)}`
  return undefined
}
