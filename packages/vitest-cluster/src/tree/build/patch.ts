import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { damage, type Entry } from '../cache/entry.ts'
import { type Line, parse } from '../cache/manifest.ts'
import { sha256 } from './hashes.ts'
import { needUids } from './need-uids.ts'
import { rewriteHere } from './rewrite.ts'
import { type Sealed, sealPatched } from './seal.ts'
import type { Site } from './site.ts'
import type { Build, Patch, PatchFile } from './step.ts'

/**
 * Makes a tree that differs from the one below in some files. Where an earlier version of the same layer is in the
 * cache and nobody uses it, that one is turned into it: only what differs is written, and what went is deleted.
 * Otherwise the tree below is cloned by links first, which takes longer than all else.
 */
export async function patchTree(
  { store, ids }: Site,
  build: Build,
  below: Entry,
  { files }: Patch,
): Promise<Sealed> {
  const other = files.find(({ uid, gid }) => uid !== 0 || gid !== 0)
  if (other) await needUids(ids.uids, `/${other.path} and others`)
  const own = files.map(lineOf)
  const earlier = await earlierVersion(store, below, own, build.directory)
  const before = new Map(earlier.map((line) => [line.path, JSON.stringify(line)]))
  const now = new Set(own.map(({ path }) => path))
  const gone = earlier
    .filter(({ path }) => !now.has(path))
    // Directories after what is in them
    .sort((a, b) => Number(a.type === 'd') - Number(b.type === 'd') || (a.path < b.path ? 1 : -1))
  const changed = files.filter((_, index) => {
    const line = own[index] as Line
    return before.get(line.path) !== JSON.stringify(line)
  })
  const work = {
    tree: join(build.directory, 'tree'),
    below: below.path,
    gone: gone.map(({ path }) => path),
    changed,
  }
  const there = earlier.length > 0
  if (!(there && (await rewriteHere(work, ids.base)))) {
    // Loaded when needed: who has changed a file wants to see it at once
    const { rewriteByTar } = await import('./rewrite-by-tar.ts')
    await rewriteByTar(build, below.key, there, work)
  }
  return sealPatched(below, own)
}

/** Takes an earlier version of the layer out of the cache, as `tree`. @returns its own paths; none if there is none */
async function earlierVersion(
  store: Site['store'],
  below: Entry,
  own: readonly Line[],
  directory: string,
): Promise<Line[]> {
  const directories = new Map(
    own.filter(({ type }) => type === 'd').map((line) => [line.path, JSON.stringify(line)]),
  )
  const candidates = (await store.entries())
    .filter((entry) => entry.kind === 'files' && entry.below === below.key && entry.own.length > 0)
    .sort((a, b) => b.made - a.made)
  for (const candidate of candidates) {
    const { key, own: lines } = candidate
    // What somebody has changed would be in the new one, too, where nobody saw it
    if (damage(candidate) !== undefined) continue
    const earlier = parse(lines.join('\n'))
    // tar leaves a directory that is there as it is
    const same = earlier.every(
      (line) =>
        line.type !== 'd' ||
        (directories.get(line.path) ?? JSON.stringify(line)) === JSON.stringify(line),
    )
    const to = join(directory, 'earlier')
    if (!same || !(await store.withdraw(key, to))) continue
    await rename(join(to, 'root'), join(directory, 'tree'))
    return earlier
  }
  return []
}

function lineOf({ path, type, mode, uid, gid, content }: PatchFile): Line {
  const bytes = type === 'file' ? Buffer.from(content) : undefined
  return {
    type: ({ file: 'f', directory: 'd', symlink: 'l' } as const)[type],
    mode: mode.toString(8),
    uid: `${uid}`,
    gid: `${gid}`,
    size: bytes ? `${bytes.length}` : '',
    mtime: '',
    inode: '',
    content: bytes ? sha256(bytes) : `${type === 'symlink' ? content : ''}`,
    path,
  }
}
