import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../disk/replace.ts'
import { sha256 } from '../build/hashes.ts'

/** How many entries are remembered: those of some dozen versions of a tree. */
const REMEMBERED = 100

/**
 * Which entries of a cache an owner's tree has had: all projects of a user share the cache, and what changed is said of
 * the project's own earlier trees. The owner is the definition's file and the service that has the tree.
 */
export class EarlierTrees {
  readonly #directory: string

  constructor(cache: string) {
    this.#directory = join(cache, 'earlier')
  }

  /** The keys, the latest first. */
  of(owner: string): string[] {
    try {
      return readFileSync(this.#file(owner), 'utf8').split('\n')
    } catch {
      return []
    }
  }

  /** Notes the entries of a tree that was built or found. What is noted already costs a look. */
  async note(owner: string, keys: readonly string[]): Promise<void> {
    const known = this.of(owner)
    if (keys.every((key, i) => known[i] === key)) return
    const all = [...new Set([...keys, ...known])].slice(0, REMEMBERED)
    await replaceFile(this.#file(owner), all.join('\n'))
  }

  #file(owner: string): string {
    return join(this.#directory, sha256(owner).slice(0, 32))
  }
}
