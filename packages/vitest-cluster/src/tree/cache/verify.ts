import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isByPieces, LARGE } from '../build/content.ts'
import { digestIn } from '../build/digest-in.ts'
import { runFailed } from '../build/failure.ts'
import { sha256 } from '../build/hashes.ts'
import type { Ids } from '../build/ids.ts'
import { runInNamespace } from '../build/namespace.ts'
import type { Build } from '../build/step.ts'
import { type Difference, differences, overlaid } from './differences.ts'
import type { Entry } from './entry.ts'
import { takeLock } from './lock.ts'
import { digestOf, fillDigests, fillLarge, type Line, parse, parseFind } from './manifest.ts'
import type { TreeStore } from './store.ts'
import { clearWorkplaces, removeWorkplace } from './workplaces.ts'

/** The lock of whoever verifies, and what his directories are called by. */
const VERIFY = 'verify'

/**
 * Compares every path of an entry with the manifest that was written when it was made: type, mode, owner, target and
 * content. Reads the whole tree. @returns what differs
 */
export async function verifyEntry(store: TreeStore, ids: Ids, entry: Entry): Promise<Difference[]> {
  const lock = await takeLock(store.lockFile(VERIFY), () => {})
  try {
    await clearWorkplaces(store, ids, VERIFY)
    const directory = await store.workplace(VERIFY, ids.base)
    try {
      const made = await readManifest(entry)
      if (!made) return [{ path: '/', what: 'has a manifest that is not the one it was made with' }]
      return differences(made, await list(directory, ids, entry, made), entry.uids === 'many')
    } finally {
      await removeWorkplace(directory, ids)
    }
  } finally {
    lock.release()
  }
}

/** All paths of an entry as it was made. Undefined where the manifest is not that of its digest. */
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

async function list(
  directory: string,
  ids: Ids,
  { key }: Entry,
  made: readonly Line[],
): Promise<Line[]> {
  const root = `../../entries/${key}/root`
  const argv = ['sh', 'verify.sh', root, `${LARGE}`]
  const namespace = { ...ids, directory, lower: undefined }
  const onHost: Build['onHost'] = (argv, options) =>
    runInNamespace(namespace, 'host', argv, options)
  const result = await onHost(argv)
  if (result.exitCode !== 0) throw runFailed('verify.sh', result)
  const [listing, digests] = await Promise.all(
    ['listing', 'digests'].map((name) => readFile(join(directory, name))),
  )
  const before = new Map(made.map(({ path, content }) => [path, content]))
  const lines = fillDigests(parseFind(listing as Buffer), digests as Buffer)
  return fillLarge(lines, ({ path }) => {
    // As it was taken when the tree was made, maybe by an earlier version. What cannot be read has none
    const plain = !isByPieces(before.get(path) ?? '')
    return digestIn({ onHost }, `${root}/${path}`, { plain }).catch(() => '')
  })
}
