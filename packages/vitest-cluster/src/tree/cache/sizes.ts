import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { runFailed } from '../build/failure.ts'
import type { Ids } from '../build/ids.ts'
import { runInNamespace } from '../build/namespace.ts'
import type { TreeStore } from './store.ts'

/**
 * The bytes that each entry has on disk besides those before it in the list: trees share files by hard links, and
 * du(1) counts a file with the first that has it. So what is removed from the end of the list frees its numbers.
 * @param directory a directory of `building`, of the namespace's root
 */
export async function sizesOf(
  store: TreeStore,
  ids: Ids,
  directory: string,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const sizes = new Map<string, number>()
  if (keys.length === 0) return sizes
  const argv = ['du', '--summarize', '--block-size=1', '--files0-from=-']
  const input = keys.map((key) => `../../entries/${key}/root\0`).join('')
  const namespace = { ...ids, directory, lower: undefined }
  const result = await runInNamespace(namespace, 'host', argv, { input })
  for (const line of result.stdout.split('\n')) {
    const [, size, key] = /^(\d+)\t.*\/([0-9a-f]+)\/root$/.exec(line) ?? []
    if (key) sizes.set(key, Number(size))
  }
  // du(1) names an entry that has lost its files, and goes on
  if (result.exitCode > 1) throw runFailed('du', result)
  await addRecords(store, keys, sizes)
  return sizes
}

/** What stands beside the files; manifests are shared, too. */
async function addRecords(
  store: TreeStore,
  keys: readonly string[],
  sizes: Map<string, number>,
): Promise<void> {
  const seen = new Set<number>()
  for (const key of keys) {
    for (const name of ['entry.json', 'manifest']) {
      const found = await stat(join(store.entryDirectory(key), name)).catch(() => undefined)
      if (!found || seen.has(found.ino)) continue
      seen.add(found.ino)
      sizes.set(key, (sizes.get(key) ?? 0) + found.blocks * 512)
    }
  }
}
