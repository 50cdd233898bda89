import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readEntry } from './entry.ts'
import type { TreeStore } from './store.ts'

/** What is known of a tree in the cache without looking into it. */
export interface Surveyed {
  readonly key: string
  readonly title: string
  readonly below: string | undefined
  /** Milliseconds since 1970. A tree counts as used when one that was made of it is. */
  readonly lastUse: number
  /** `session-1a2b3c4d`, `process-1234-0`. */
  readonly users: readonly string[]
}

/** All trees in the cache, those of other versions of this library and those that nobody can read among them. */
export async function survey(store: TreeStore): Promise<Surveyed[]> {
  const keys = await store.keys()
  const found = await Promise.all(
    keys.map(async (key) => {
      const directory = store.entryDirectory(key)
      const entry = readEntry(directory)
      const record = entry ? join(directory, 'entry.json') : directory
      const lastUse = (await stat(record).catch(() => undefined))?.mtimeMs ?? 0
      const users = store.uses.of(key)
      return { key, title: entry?.title ?? 'unreadable', below: entry?.below, lastUse, users }
    }),
  )
  return passedDown(found)
}

/** A layer that is used daily is the only one that anybody looks at: what it was made of is as young. Pure. */
export function passedDown(trees: readonly Surveyed[]): Surveyed[] {
  const lastUse = new Map(trees.map(({ key, lastUse }) => [key, lastUse]))
  const belowOf = new Map(trees.map(({ key, below }) => [key, below]))
  for (const tree of trees) {
    for (let key = tree.below; key && lastUse.has(key); key = belowOf.get(key)) {
      lastUse.set(key, Math.max(lastUse.get(key) ?? 0, tree.lastUse))
    }
  }
  return trees.map((tree) => ({ ...tree, lastUse: lastUse.get(tree.key) ?? 0 }))
}
