import type { ClusterDefinition } from '../definition/cluster.ts'
import type { TreeDefinition } from '../definition/tree.ts'
import { own } from '../own.ts'
import { readAccounts, type TreeAccounts } from '../root/passwd.ts'
import type { BuiltTree } from '../tree/make/build.ts'
import { treeOwner } from '../tree/owner.ts'
import type { TreeProgress } from '../tree/progress.ts'

/** A tree that was found for a session, or built. This process holds it until it is released. */
export interface FoundTree {
  /** A tree of the cache, or a directory; undefined for the host's tree. */
  readonly built: BuiltTree | undefined
  /** Its files on the host. */
  readonly path: string
  readonly writable: boolean
  /** Its accounts. Empty for the host's tree, whose accounts no service may see. */
  readonly accounts: TreeAccounts
}

/** All trees that were found for a session. */
export interface FoundTrees {
  readonly main: FoundTree
  /** The trees of services that have their own. */
  readonly own: Readonly<Record<string, FoundTree>>
}

export interface TreeOptions {
  readonly baseDirectory: string
  /** The definition's file, where there is one. */
  readonly config?: string | undefined
  /** Called with each event of a build; not called for a cached tree. */
  readonly progress?: TreeProgress | undefined
  /** Whether a tree that is not built yet is an error. */
  readonly cachedOnly?: boolean
}

const HOST: FoundTree = {
  built: undefined,
  path: '/',
  writable: false,
  accounts: { users: [], groups: [] },
}

/** Finds the trees of a cluster in the cache, or builds them. This process holds them. @throws ClusterError as `buildTree` does */
export async function findTrees(
  { tree, services }: ClusterDefinition,
  options: TreeOptions,
): Promise<FoundTrees> {
  const main = await findTree(tree, options)
  const trees: Record<string, FoundTree> = {}
  // One after the other: they may share lower steps
  for (const [name, service] of Object.entries(services)) {
    if (service.tree) trees[name] = await findTree(service.tree, options, name)
  }
  return { main, own: trees }
}

/** The tree of one service. */
export function treeOf(trees: FoundTrees, service: string): FoundTree {
  return own(trees.own, service) ?? trees.main
}

/** Each tree but the host's, once, by the name of the first service that has it; `_main`, which no service can be called, is the cluster's. */
export function shownTrees({ main, own }: FoundTrees): Record<string, FoundTree> {
  const byPath = new Map<string, readonly [name: string, tree: FoundTree]>()
  for (const [name, tree] of [['_main', main] as const, ...Object.entries(own)]) {
    const known = byPath.get(tree.path)
    if (tree.built && (!known || tree.writable)) byPath.set(tree.path, [known?.[0] ?? name, tree])
  }
  return Object.fromEntries(byPath.values())
}

/** Releases trees that this process holds. */
export async function releaseTrees(trees: FoundTrees): Promise<void> {
  for (const { built } of Object.values(shownTrees(trees))) await built?.release()
}

/** The accounts of all trees. If two trees have an account of one name, the ids of the first count. */
export function accountsOf({ main, own }: FoundTrees): TreeAccounts {
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
  { config, ...options }: TreeOptions,
  service?: string,
): Promise<FoundTree> {
  if (!definition || definition.base.kind === 'host') return HOST
  // Loaded when needed: a cluster on the host's programs does not need it
  const { buildTree } = await import('../tree/make/build.ts')
  const owner = treeOwner(config ?? options.baseDirectory, service)
  const built = await buildTree(definition, { ...options, owner })
  const accounts = await readAccounts(built.path)
  return { built, path: built.path, writable: definition.writable, accounts }
}
