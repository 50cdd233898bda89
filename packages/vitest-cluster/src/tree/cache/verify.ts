import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runFailed } from '../build/failure.ts'
import { sha256 } from '../build/hashes.ts'
import type { Ids } from '../build/ids.ts'
import { runInNamespace } from '../build/namespace.ts'
import { type Difference, differences, overlaid } from './differences.ts'
import type { Entry } from './entry.ts'
import { takeLock } from './lock.ts'
import { digestOf, fillDigests, type Line, parse, parseFind } from './manifest.ts'
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
      return differences(made, await list(directory, ids, entry), entry.uids === 'many')
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

async function list(directory: string, ids: Ids, { key }: Entry): Promise<Line[]> {
  const argv = ['sh', 'verify.sh', `../../entries/${key}/root`]
  const result = await runInNamespace({ ...ids, directory, lower: undefined }, 'host', argv)
  if (result.exitCode !== 0) throw runFailed('verify.sh', result)
  const [listing, digests] = await Promise.all(
    ['listing', 'digests'].map((name) => readFile(join(directory, name))),
  )
  return fillDigests(parseFind(listing as Buffer), digests as Buffer)
}
