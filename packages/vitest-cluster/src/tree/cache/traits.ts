import { lstatSync, readFileSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import * as names from '../../disk/names.ts'

/** Paths of a tree with what they are like: kept beside it as `traits.json`, and looked at on each use. */
export type Traits = Readonly<Record<string, string>>

/** Where whatever has been tampered with shows first: the top of the tree, /etc, /usr, and what is in them. */
const LOOKED_AT = [
  '',
  'etc',
  'usr',
  'var',
  'usr/bin',
  'usr/sbin',
  'usr/local/bin',
  'usr/local/sbin',
]
/** Directories above these many names are looked at as a whole: their time tells of names that come and go. */
const MANY = 400

/**
 * What {@link damage} compares: some hundred paths, so that looking takes a millisecond or two.
 * @param own paths of a layer of files, wherever they are
 */
export function traitsOf(root: string, own: readonly string[]): Traits {
  const found: Record<string, string> = {}
  for (const directory of LOOKED_AT) {
    if (directory !== '' && !Object.hasOwn(found, directory)) continue
    const all = namesIn(join(root, directory))
    for (const name of all.length > MANY ? [] : all)
      note(root, directory ? `${directory}/${name}` : name, found)
  }
  for (const path of own.slice(0, MANY)) note(root, path, found)
  return found
}

/**
 * The same for a tree that was this one until some of its paths were written, or taken away.
 * @param written with all that is now the layer's own
 */
export function traitsAfter(root: string, before: Traits, written: readonly string[]): Traits {
  const found = { ...before }
  for (const [index, path] of written.entries()) {
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      if (!Object.hasOwn(found, at) && !(at === path && index < MANY)) continue
      delete found[at]
      note(root, at, found)
    }
  }
  return found
}

/** Reads what was kept of a tree. Undefined where there is nothing of that kind. */
export function readTraits(directory: string): Traits | undefined {
  try {
    const traits: unknown = JSON.parse(readFileSync(join(directory, 'traits.json'), 'utf8'))
    return typeof traits === 'object' && traits !== null ? (traits as Traits) : undefined
  } catch {
    return undefined
  }
}

/** A path that is not as it was made; a file rather than the directory that it is in. Quick; `verify` looks at all. */
export function damage(root: string, traits: Traits): string | undefined {
  let found: string | undefined
  for (const [name, was] of Object.entries(traits)) {
    const stat = look(`${root}/${name}`)
    if (stat && trait(stat) === was) continue
    if (!stat?.isDirectory()) return `/${name}`
    found ??= `/${name}`
  }
  return found
}

function note(root: string, path: string, found: Record<string, string>): void {
  const stat = look(`${root}/${path}`)
  if (stat) found[path] = trait(stat)
}

/** Undefined also for what is in a directory that is closed to whoever looks. */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(names.pathOf(path), { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function namesIn(path: string): string[] {
  try {
    return names.namesIn(path)
  } catch {
    return []
  }
}

function trait(stat: Stats): string {
  return `${stat.mode.toString(8)} ${stat.uid} ${stat.gid} ${stat.isDirectory() ? '' : stat.size} ${stat.mtimeMs}`
}
