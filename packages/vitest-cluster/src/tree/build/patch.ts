import { copyFile, link, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Entry } from '../cache/entry.ts'
import { type Line, parse, render } from '../cache/manifest.ts'
import type { HeldEntry } from '../cache/store.ts'
import { damage, readTraits, type Traits, traitsAfter, traitsOf } from '../cache/traits.ts'
import { sha256 } from './hashes.ts'
import { rewriteHere } from './rewrite.ts'
import type { Sealed } from './seal.ts'
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
  below: HeldEntry,
  { files }: Patch,
): Promise<Sealed> {
  const other = files.find(({ uid, gid }) => uid !== 0 || gid !== 0)
  if (other) {
    const { needUids } = await import('./need-uids.ts')
    await needUids(ids.uids, `/${other.path} and others`)
  }
  const own = files.map(lineOf)
  const earlier = await earlierVersion(store, below, own, build.directory)
  const before = new Map(earlier?.own.map((line) => [line.path, JSON.stringify(line)]))
  const now = new Set(own.map(({ path }) => path))
  const gone = (earlier?.own ?? [])
    .filter(({ path }) => !now.has(path))
    // Directories after what is in them
    .sort((a, b) => Number(a.type === 'd') - Number(b.type === 'd') || (a.path < b.path ? 1 : -1))
    .map(({ path }) => path)
  // An earlier version was looked at, and has the same files but for its own
  if (!earlier || gone.length > 0) below.look()
  const changed = files.filter((_, index) => {
    const line = own[index] as Line
    return before.get(line.path) !== JSON.stringify(line)
  })
  const work = { tree: join(build.directory, 'tree'), below: below.path, gone, changed }
  if (!(earlier && (await rewriteHere(work, ids.base)))) {
    // Loaded when needed: who has changed a file wants to see it at once
    const { rewriteByTar } = await import('./rewrite-by-tar.ts')
    await rewriteByTar(build, below.key, earlier !== undefined, work)
  }
  const paths = own.map(({ path }) => path)
  const traits = (root: string) =>
    earlier ? traitsAfter(root, earlier.traits, [...paths, ...gone]) : traitsOf(root, paths)
  return sealed(below, own, traits)
}

/** An earlier version of a layer, whose tree is the build's now. */
interface Earlier {
  readonly own: readonly Line[]
  readonly traits: Traits
}

/** Takes an earlier version of the layer out of the cache, as `tree`. Undefined where there is none that is free. */
async function earlierVersion(
  store: Site['store'],
  below: Entry,
  own: readonly Line[],
  directory: string,
): Promise<Earlier | undefined> {
  const directories = new Map(
    own.filter(({ type }) => type === 'd').map((line) => [line.path, JSON.stringify(line)]),
  )
  const candidates = (await store.entries())
    .filter((entry) => entry.kind === 'files' && entry.below === below.key && entry.own.length > 0)
    .sort((a, b) => b.made - a.made)
  for (const { key, path, own: lines, directory: place } of candidates) {
    const earlier = parse(lines.join('\n'))
    // tar leaves a directory that is there as it is
    const same = earlier.every(
      (line) =>
        line.type !== 'd' ||
        (directories.get(line.path) ?? JSON.stringify(line)) === JSON.stringify(line),
    )
    if (!same) continue
    const traits = readTraits(place)
    // What somebody has changed would be in the new one, too, where nobody saw it
    if (!traits || damage(path, traits) !== undefined) continue
    const to = join(directory, 'earlier')
    if (!(await store.withdraw(key, to))) continue
    await rename(join(to, 'root'), join(directory, 'tree'))
    return { own: earlier, traits }
  }
  return undefined
}

/** What is known of the tree, without a look at what it has from below. */
function sealed(below: Entry, own: readonly Line[], traits: Sealed['traits']): Sealed {
  const lines = render(own).split('\n').filter(Boolean)
  const files = own.filter(({ type }) => type === 'f')
  return {
    record: {
      digest: sha256(JSON.stringify([below.digest, lines])),
      size: below.size + files.reduce((sum, { size }) => sum + Number(size), 0),
      files: below.files + files.length,
      own: lines,
    },
    traits,
    // Linked: it is as long as the tree is large
    keepManifest: (path) =>
      link(join(below.directory, 'manifest'), path).catch(() =>
        copyFile(join(below.directory, 'manifest'), path),
      ),
  }
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
