import { lstatSync, type Stats } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Uids } from '../../definition/service.ts'
import type { Inputs } from '../build/step.ts'

/** Raised when what an entry holds changes, so that older ones are not used. */
export const FORMAT = 1

/** What is known of a tree in the cache: `entry.json` beside its files. */
export interface EntryRecord {
  readonly format: number
  readonly key: string
  readonly kind: string
  readonly title: string
  /** The key of the step below; undefined for a base. */
  readonly below: string | undefined
  readonly inputs: Inputs
  readonly resolved: Inputs
  readonly uids: Uids
  /** Milliseconds since 1970, and those that it took. */
  readonly made: number
  readonly took: number
  /** Bytes and number of regular files. */
  readonly size: number
  readonly files: number
  /** The digest of all paths with their types, modes, owners, targets and contents. */
  readonly digest: string
  /** Lines of the manifest that are this layer's own, where `manifest` is that of the tree below. */
  readonly own: readonly string[]
  /** What is looked at on each use: paths with their {@link trait}. */
  readonly top: Readonly<Record<string, string>>
}

/** A tree in the cache. */
export interface Entry extends EntryRecord {
  readonly directory: string
  /** Its files. */
  readonly path: string
}

/** Reads an entry. Undefined where there is none, or one of another format. */
export async function readEntry(directory: string): Promise<Entry | undefined> {
  const text = await readFile(join(directory, 'entry.json'), 'utf8').catch(() => undefined)
  if (!text) return undefined
  try {
    const record = JSON.parse(text) as EntryRecord
    if (record.format !== FORMAT || typeof record.top !== 'object') return undefined
    return { ...record, directory, path: join(directory, 'root') }
  } catch {
    return undefined
  }
}

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
 * What {@link damage} compares on each use: some hundred paths, so that looking takes a millisecond or two.
 * @param own paths of a layer of files, wherever they are
 */
export async function topOf(root: string, own: readonly string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  const add = (path: string) => {
    const stat = look(join(root, path))
    if (stat) found[path] = trait(stat)
  }
  for (const directory of LOOKED_AT) {
    const names = await readdir(join(root, directory)).catch(() => [])
    if (directory !== '' && !(directory in found)) continue
    for (const name of names.length > MANY ? [] : names) {
      add(directory ? `${directory}/${name}` : name)
    }
  }
  own.slice(0, MANY).forEach(add)
  return found
}

/** A path that is not as it was made; a file rather than the directory that it is in. Quick; `verify` looks at all. */
export function damage({ path, top }: Entry): string | undefined {
  let found: string | undefined
  for (const [name, was] of Object.entries(top)) {
    const stat = look(join(path, name))
    if (stat && trait(stat) === was) continue
    if (!stat?.isDirectory()) return `/${name}`
    found ??= `/${name}`
  }
  return found
}

/** Undefined also for what is in a directory that is closed to whoever looks. */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function trait(stat: Stats): string {
  return `${stat.mode.toString(8)} ${stat.uid} ${stat.gid} ${stat.isDirectory() ? '' : stat.size} ${stat.mtimeMs}`
}
