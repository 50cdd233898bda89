import { copyFile, link, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { BLOCK, padding, writeHeader } from '../archive/tar.ts'
import { runFailed } from '../build/failure.ts'
import { sha256 } from '../build/hashes.ts'
import { needUids } from '../build/ids.ts'
import type { Build, PatchFile } from '../build/step.ts'
import type { Entry } from '../cache/entry.ts'
import { type Line, parse, render } from '../cache/manifest.ts'
import type { TreeStore } from '../cache/store.ts'
import type { Site } from './plan.ts'
import type { Sealed } from './seal.ts'

/**
 * Builds a tree that differs from the one below in some files, by libexec/tree/rewrite.sh. If the cache has an unused
 * earlier version of the same layer of the same owner, without further paths, that version is changed into the new one:
 * linking every file of the tree below would take longer than everything else (docs/decisions/0023).
 */
export async function patchTree(
  { store, owner }: Pick<Site, 'store' | 'owner'>,
  build: Build,
  below: Entry,
  files: readonly PatchFile[],
): Promise<Sealed> {
  const other = files.find(({ uid, gid }) => uid !== 0 || gid !== 0)
  if (other) await needUids(build.uids, `/${other.path} and others`)
  const own = files.map(lineOf)
  const earlier = await takeEarlierVersion(store, owner, below, own, build.directory)
  const before = new Map(earlier?.map((line) => [line.path, JSON.stringify(line)]))
  const changed = files.filter(
    (_, index) => before.get(own[index]?.path ?? '') !== JSON.stringify(own[index]),
  )
  const lower = `../../entries/${below.key}/root`
  const argv = ['sh', 'rewrite.sh', lower, earlier ? 'keep' : 'clone']
  const result = await build.onHost(argv, { input: Readable.from(archive(changed)) })
  if (result.exitCode !== 0) throw runFailed('writing files', result)
  return sealed(below, own)
}

/** Moves an earlier version of the layer out of the cache, to `tree`. @returns its paths; undefined if there is no unused one */
async function takeEarlierVersion(
  store: TreeStore,
  owner: string,
  below: Entry,
  own: readonly Line[],
  directory: string,
): Promise<Line[] | undefined> {
  const wanted = new Map(own.map((line) => [line.path, JSON.stringify(line)]))
  // Not that of another host, service or project, which will want it again
  const ofOwner = new Set(store.earlier.of(owner))
  const candidates = (await store.entries())
    .filter(({ key, kind, own }) => ofOwner.has(key) && kind === 'files' && own.length > 0)
    .filter((entry) => entry.below === below.key)
    .sort((a, b) => b.made - a.made)
  for (const { key, own: lines } of candidates) {
    const earlier = parse(lines.join('\n'))
    // tar does not change the mode or owner of a directory that exists
    const same = earlier.every((line) =>
      line.type === 'd' ? wanted.get(line.path) === JSON.stringify(line) : wanted.has(line.path),
    )
    const to = join(directory, 'earlier')
    if (!same || !(await store.withdraw(key, to))) continue
    await rename(join(to, 'root'), join(directory, 'tree'))
    return earlier
  }
  return undefined
}

/** A tar of the files (tar(5)). */
function* archive(files: readonly PatchFile[]): Generator<Buffer> {
  for (const { content, type, ...file } of files) {
    if (type === 'file') {
      const bytes = Buffer.from(content)
      yield writeHeader({ ...file, type, name: file.path, size: bytes.length })
      yield bytes
      yield padding(bytes.length)
    } else {
      const linkname = type === 'symlink' ? `${content}` : ''
      yield writeHeader({ ...file, type, name: file.path, linkname, size: 0 })
    }
  }
  yield Buffer.alloc(2 * BLOCK)
}

/** The sealed tree, without reading the files that it has from the tree below. */
function sealed(below: Entry, own: readonly Line[]): Sealed {
  const lines = render(own).split('\n').filter(Boolean)
  const files = own.filter(({ type }) => type === 'f')
  return {
    record: {
      digest: sha256(JSON.stringify([below.digest, lines])),
      size: below.size + files.reduce((sum, { size }) => sum + Number(size), 0),
      files: below.files + files.length,
      own: lines,
    },
    // A hard link: the manifest is long
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
