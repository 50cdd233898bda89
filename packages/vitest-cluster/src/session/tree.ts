import type { TreeDefinition } from '../definition/tree.ts'
import type { BuiltTree } from '../tree/build/build.ts'
import { readAccounts, type TreeAccounts } from '../tree/passwd.ts'
import type { TreeProgress } from '../tree/progress.ts'

/** The tree that a session is made on. */
export interface SessionTree {
  /** One of the cache's, or a directory; undefined for the host's. */
  readonly built: BuiltTree | undefined
  /** Its files on the host. */
  readonly path: string
  readonly writable: boolean
  /** The accounts that it has. The host's are nobody's business. */
  readonly accounts: TreeAccounts
}

/** Finds the tree that a cluster wants, or makes it. Held by this process. @throws ClusterError as `buildTree` does */
export async function findTree(
  definition: TreeDefinition | undefined,
  baseDirectory: string,
  progress?: TreeProgress,
): Promise<SessionTree> {
  if (!definition || definition.base.kind === 'host') {
    return { built: undefined, path: '/', writable: false, accounts: { users: [], groups: [] } }
  }
  // Loaded when needed: who runs on the host's programs needs none of it
  const { buildTree } = await import('../tree/build/build.ts')
  const built = await buildTree(definition, { baseDirectory, progress })
  const accounts = await readAccounts(built.path)
  return { built, path: built.path, writable: definition.writable, accounts }
}
