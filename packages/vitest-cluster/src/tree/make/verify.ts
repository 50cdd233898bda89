import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TreeDefinition } from '../../definition/tree.ts'
import { readable } from '../../disk/names.ts'
import { ClusterError } from '../../errors.ts'
import { runFailed } from '../build/failure.ts'
import { LARGE, sha256 } from '../build/hashes.ts'
import type { Ids } from '../build/ids.ts'
import { runInNamespace } from '../build/namespace.ts'
import { inBuildDirectory } from '../cache/build-directories.ts'
import { type Difference, differences, overlaid } from '../cache/differences.ts'
import type { Entry } from '../cache/entry.ts'
import { digestOf, fillDigests, type Line, parse, parseFind } from '../cache/manifest.ts'
import { TreeStore } from '../cache/store.ts'
import type { BuildInOptions } from './build.ts'
import { knownKeys, planTree, type Site } from './plan.ts'

/** The name of the lock for verifying trees, and of the directories for it. */
const VERIFY = 'verify'
/** The most paths that an error lists. */
const NAMED = 10

/**
 * Compares all files of a tree with its manifest. If the tree is not built completely, verifies its highest step in the
 * cache. Builds nothing.
 * @returns the key of the verified entry; undefined if the cache has no step of the tree
 * @throws ClusterError `TREE_DAMAGED`
 */
export async function verifyTree(
  definition: TreeDefinition,
  options: BuildInOptions = {},
): Promise<string | undefined> {
  const { store = new TreeStore(), progress = () => {} } = options
  const baseDirectory = options.baseDirectory ?? process.cwd()
  const { site, planned } = await planTree(definition, { store, progress, baseDirectory })
  const keys = await knownKeys(site, planned)
  for (const key of keys.reverse()) {
    const entry = store.take(key)
    if (!entry) continue
    try {
      await verify(site, entry)
      return key
    } finally {
      store.uses.end(entry)
    }
  }
  return undefined
}

async function verify(site: Site, entry: Entry): Promise<void> {
  const found = await verifyEntry(site, entry)
  if (found.length === 0) return
  // The trees below share files by hard links: a damaged file there would be used again by the next build
  const damaged: Entry[] = [entry]
  const { store } = site
  for (let each = store.peek(entry.below); each; each = store.peek(each.below))
    if ((await verifyEntry(site, each)).length > 0) damaged.push(each)
  const named = found.slice(0, NAMED).map(({ path, what }) => readable(`${path} ${what}`))
  const more = found.length - named.length
  const paths = found.length === 1 ? 'one path differs' : `${found.length} paths differ`
  throw new ClusterError({
    code: 'TREE_DAMAGED',
    step: entry.title,
    message: `the tree in the cache has changed since it was built: ${paths}`,
    paths: more > 0 ? [...named, `and ${more} more`] : named,
    fix: damaged.map(({ key }) => `npx vitest-cluster clean --tree ${key.slice(0, 12)}`).join('\n'),
  })
}

/**
 * Compares every path of an entry with its manifest: type, mode, owner, target and content. Reads the whole tree.
 * @returns the differences
 */
async function verifyEntry(site: Site, entry: Entry): Promise<Difference[]> {
  const message = `verifying ${entry.files} files`
  site.progress({ step: entry.title, kind: 'progress', message })
  const made = await readManifest(entry)
  if (!made) return [{ path: '/', what: 'has a changed manifest' }]
  const ignored = { onWait() {}, onLeft() {} }
  return inBuildDirectory(site, VERIFY, ignored, async (directory) =>
    differences(made, await list(directory, site.ids, entry), entry.uids === 'many'),
  )
}

/** All paths of an entry as it was built. Undefined if the manifest does not match the entry's digest. */
async function readManifest({ directory, own, digest }: Entry): Promise<Line[] | undefined> {
  const text = await readFile(join(directory, 'manifest'), 'utf8').catch(() => '')
  let lines: Line[]
  try {
    lines = parse(text)
  } catch {
    return undefined
  }
  const below = digestOf(lines)
  if (own.length === 0) return below === digest ? lines : undefined
  // see patchTree
  if (sha256(JSON.stringify([below, own])) !== digest) return undefined
  return overlaid(lines, parse(own.join('\n')))
}

async function list(directory: string, ids: Ids, { key }: Entry): Promise<Line[]> {
  const root = `../../entries/${key}/root`
  const argv = ['sh', 'verify.sh', root, `${LARGE}`]
  const result = await runInNamespace({ ...ids, directory, lower: undefined }, 'host', argv)
  if (result.exitCode !== 0) throw runFailed('verify.sh', result)
  const [listing, digests] = await Promise.all(
    ['listing', 'digests'].map((name) => readFile(join(directory, name))),
  )
  return fillDigests(parseFind(listing as Buffer), digests as Buffer)
}
