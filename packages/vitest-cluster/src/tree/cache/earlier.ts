import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../disk/replace.ts'
import { sha256 } from '../build/hashes.ts'

/** How many entries are remembered for an owner: those of some dozen versions of a tree. */
const REMEMBERED = 100

/**
 * The earlier entries of an owner's tree. All projects of a user share the cache, so a tree is compared with earlier trees
 * of its own project only, to report what changed. The owner is the definition's file and the service that has the tree.
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

  /** Notes the entries of a tree that was built or found. Writes nothing if all are noted already. */
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
