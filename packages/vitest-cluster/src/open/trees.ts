import type { ClusterDefinition } from '../definition/cluster.ts'
import type { TreeDefinition } from '../definition/tree.ts'
import { own } from '../own.ts'
import type { BuiltTree } from '../tree/build/built.ts'
import { readAccounts, type TreeAccounts } from '../root/passwd.ts'
import type { TreeProgress } from '../tree/progress.ts'

/** A tree that a session is made on. */
export interface SessionTree {
  /** One of the cache's, or a directory; undefined for the host's. */
  readonly built: BuiltTree | undefined
  /** Its files on the host. */
  readonly path: string
  readonly writable: boolean
  /** The accounts that it has. The host's are nobody's business. */
  readonly accounts: TreeAccounts
}

/** All trees of a session. */
export interface SessionTrees {
  readonly main: SessionTree
  /** Those of services that have one of their own. */
  readonly own: Readonly<Record<string, SessionTree>>
}

const HOST: SessionTree = {
  built: undefined,
  path: '/',
  writable: false,
  accounts: { users: [], groups: [] },
}

/** Finds the trees that a cluster wants, or makes them. Held by this process. @throws ClusterError as `buildTree` does */
export async function findTrees(
  { tree, services }: ClusterDefinition,
  baseDirectory: string,
  progress?: TreeProgress,
): Promise<SessionTrees> {
  const main = await findTree(tree, baseDirectory, progress)
  const trees: Record<string, SessionTree> = {}
  // One after the other: they may share what is below
  for (const [name, service] of Object.entries(services)) {
    if (service.tree) trees[name] = await findTree(service.tree, baseDirectory, progress)
  }
  return { main, own: trees }
}

/** The tree of one service. */
export function treeOf(trees: SessionTrees, service: string): SessionTree {
  return own(trees.own, service) ?? trees.main
}

/** Each tree that is not the host's, once. The order is that in which a session's manager shows them. */
export function builtTrees({ main, own }: SessionTrees): SessionTree[] {
  const byPath = new Map<string, SessionTree>()
  for (const tree of [main, ...Object.values(own)]) {
    const known = byPath.get(tree.path)
    if (tree.built && (!known || tree.writable)) byPath.set(tree.path, tree)
  }
  return [...byPath.values()]
}

/** The accounts of all trees: a name that two have has the numbers of the first. */
export function accountsOf({ main, own }: SessionTrees): TreeAccounts {
  const all = [main, ...Object.values(own)].map(({ accounts }) => accounts)
  return {
    users: firstOfEach(all.flatMap(({ users }) => users)),
    groups: firstOfEach(all.flatMap(({ groups }) => groups)),
  }
}

function firstOfEach<T extends { readonly name: string }>(lines: readonly T[]): T[] {
  return [...new Map(lines.toReversed().map((line) => [line.name, line])).values()].toReversed()
}

async function findTree(
  definition: TreeDefinition | undefined,
  baseDirectory: string,
  progress: TreeProgress | undefined,
): Promise<SessionTree> {
  if (!definition || definition.base.kind === 'host') return HOST
  // Loaded when needed: who runs on the host's programs needs none of it
  const { buildTree } = await import('../tree/build/build.ts')
  const built = await buildTree(definition, { baseDirectory, progress })
  const accounts = await readAccounts(built.path)
  return { built, path: built.path, writable: definition.writable, accounts }
}
