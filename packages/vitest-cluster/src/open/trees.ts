import type { ClusterDefinition } from '../definition/cluster.ts'
import type { TreeDefinition } from '../definition/tree.ts'
import { ClusterError } from '../errors.ts'
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
  /** Whether no other root may see what is written to it. */
  readonly separate: boolean
  /** Its accounts. Empty for the host's tree, whose accounts no service may see. */
  readonly accounts: TreeAccounts
}

/** All trees that were found for a session. */
export interface FoundTrees {
  readonly main: FoundTree
  /** The trees of hosts and services that have their own, by name. */
  readonly own: Readonly<Record<string, FoundTree>>
  /** The host or service whose root a service is in, for services that are not in the main root. */
  readonly of: Readonly<Record<string, string>>
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
  separate: false,
  accounts: { users: [], groups: [] },
}

/** Finds the trees of a cluster in the cache, or builds them. This process holds them. @throws ClusterError as `buildTree` does */
export async function findTrees(
  { tree, services, hosts = {} }: ClusterDefinition,
  options: TreeOptions,
): Promise<FoundTrees> {
  const main = await findTree(tree, options)
  const trees: Record<string, FoundTree> = {}
  const of: Record<string, string> = {}
  // One after the other: they may share lower steps
  for (const [name, host] of Object.entries(hosts)) {
    const all = host.directories?.includes('/') ?? false
    if (all) trees[name] = wholeTree(await findTree(host.tree ?? tree, options, name), name)
    else if (host.tree) trees[name] = await findTree(host.tree, options, name)
    for (const service of host.services) of[service] = name
  }
  for (const [name, service] of Object.entries(services)) {
    if (!service.tree) continue
    trees[name] = await findTree(service.tree, options, name)
    of[name] = name
  }
  return { main, own: trees, of }
}

/** A tree that a host may write to everywhere. */
function wholeTree(tree: FoundTree, host: string): FoundTree {
  if (tree.built) return { ...tree, writable: true, separate: true }
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: `the host ${host} has directories: ['/'], but the programs of this machine cannot be written to`,
    fix: "Give the cluster or the host a tree, such as tree: debianTree({ suite: 'trixie' }), or name the directories.",
  })
}

/** The tree of one service. */
export function treeOf(trees: FoundTrees, service: string): FoundTree {
  return own(trees.own, own(trees.of, service) ?? service) ?? trees.main
}

/**
 * Each tree but the host's, by the name of the first host or service that has it; `_main`, which no service can be called,
 * is the cluster's. A tree that only one host may see is there once for each host.
 */
export function shownTrees({ main, own }: FoundTrees): Record<string, FoundTree> {
  const byKey = new Map<string, readonly [name: string, tree: FoundTree]>()
  for (const [name, tree] of [['_main', main] as const, ...Object.entries(own)]) {
    const key = tree.separate ? name : tree.path
    const known = byKey.get(key)
    if (tree.built && (!known || tree.writable)) byKey.set(key, [known?.[0] ?? name, tree])
  }
  return Object.fromEntries(byKey.values())
}

/** Whether roots with these trees see the same files. */
export function isSameTree(one: FoundTree, other: FoundTree): boolean {
  return one.separate || other.separate ? one === other : one.path === other.path
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
  const { path } = built
  return { built, path, writable: definition.writable, separate: false, accounts }
}
