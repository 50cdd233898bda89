import type { TreeDefinition } from '../../definition/tree.ts'
import { readable } from '../../disk/names.ts'
import { ClusterError } from '../../errors.ts'
import type { Difference } from '../cache/differences.ts'
import type { Entry } from '../cache/entry.ts'
import { TreeStore } from '../cache/store.ts'
import { verifyEntry } from '../cache/verify.ts'
import type { BuildInOptions } from './build.ts'
import { knownKeys, planTree } from './plan.ts'
import type { Site } from './site.ts'

/** How many paths an error names. */
const NAMED = 10

/**
 * Compares all files of a tree with what they were when it was made; of one that is not whole yet, the highest step
 * that is there. Makes nothing.
 * @returns the key of what was verified; undefined where nothing of it is in the cache
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
    const entry = store.takeAsIs(key)
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
  const found = await look(site, entry)
  if (found.length === 0) return
  // What it was made from has the same files: what changed there would be taken over once more
  const damaged = [entry, ...(await damagedBelow(site, entry))]
  const named = found.slice(0, NAMED).map(({ path, what }) => readable(`${path} ${what}`))
  const more = found.length - named.length
  const paths = found.length === 1 ? 'one path differs' : `${found.length} paths differ`
  throw new ClusterError({
    code: 'TREE_DAMAGED',
    step: entry.title,
    message: `the tree in the cache is not as it was made: ${paths}`,
    paths: more > 0 ? [...named, `and ${more} more`] : named,
    mend: damaged
      .map(({ key }) => `npx vitest-cluster clean --tree ${key.slice(0, 12)}`)
      .join('\n'),
  })
}

async function damagedBelow(site: Site, { below }: Entry): Promise<Entry[]> {
  const entry = site.store.peek(below)
  if (!entry) return []
  const damaged = (await look(site, entry)).length > 0
  return [...(damaged ? [entry] : []), ...(await damagedBelow(site, entry))]
}

function look({ store, ids, progress }: Site, entry: Entry): Promise<Difference[]> {
  const message = `verifying ${entry.files} files`
  progress({ step: entry.title, kind: 'progress', message })
  return verifyEntry(store, ids, entry)
}
