import type { Line } from './manifest.ts'

/** A path of a tree that has changed since the tree was built. */
export interface Difference {
  /** From the tree's root: `/etc/motd`. */
  readonly path: string
  /** `has different content`. */
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
 * The paths of a tree after a layer of files. Pure.
 * @param own the layer's paths; a file in place of a directory removes the content of that directory
 */
export function overlaid(below: readonly Line[], own: readonly Line[]): Line[] {
  const lines = new Map(below.map((line) => [line.path, line]))
  for (const line of own) lines.set(line.path, line)
  const solid = own.filter(({ type }) => type !== 'd').map(({ path }) => `${path}/`)
  return [...lines.values()].filter(({ path }) => !solid.some((above) => path.startsWith(above)))
}

/**
 * The paths that differ, sorted. Pure.
 * @param owners whether to compare owners: not if all files belong to one uid
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
  if (!was) return 'was added'
  const name = ({ type }: Line) => TYPES[type] ?? 'a device'
  if (was.type !== is.type) return `is ${name(is)}, was ${name(was)}`
  if (was.content !== is.content) {
    return was.type === 'l'
      ? `is a link to ${is.content}, was a link to ${was.content}`
      : 'has different content'
  }
  // A link's own mode has no meaning (symlink(7))
  if (was.mode !== is.mode && was.type !== 'l') return `has mode ${is.mode}, had ${was.mode}`
  const owner = ({ uid, gid }: Line) => `${uid}:${gid}`
  if (owners && owner(was) !== owner(is))
    return `belongs to ${owner(is)}, belonged to ${owner(was)}`
  return undefined
}
