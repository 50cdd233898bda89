import type { ClusterDefinition } from '../definition/cluster.ts'
import { hostOf } from '../definition/host.ts'
import { suggestService } from '../definition/nearest.ts'
import type { TreeDefinition } from '../definition/tree.ts'
import { ClusterError } from '../errors.ts'
import type { BuiltStep } from './make/build.ts'
import { treeOwner } from './owner.ts'
import type { TreeProgress } from './progress.ts'

/** A tree of a cluster, as it is in the cache. */
export interface PrebuiltTree {
  readonly path: string
  readonly digest: string
  /** Undefined for a directory that is used in place. */
  readonly key: string | undefined
  /** Bytes of all regular files; undefined for a directory that is used in place. */
  readonly size: number | undefined
  readonly files: number | undefined
  readonly steps: readonly BuiltStep[]
  /** Milliseconds that the cache saved. */
  readonly saved: number
  /** Whether all files were compared with the manifest. */
  readonly verified: boolean
}

export interface PrebuildOptions {
  readonly baseDirectory: string
  /** The definition's file. */
  readonly config: string
  readonly progress: TreeProgress
  /** Resolve package versions again. */
  readonly update: boolean
  /** Compare all files with the manifest that was written when the tree was built. */
  readonly verify: boolean
}

/**
 * Builds a tree of a cluster, or finds it in the cache, without a session.
 * @param name the host or service whose tree it is: its own, or else the cluster's. By default the cluster's tree
 * @throws ClusterError `INVALID_DEFINITION` for the host's own tree, `NO_SUCH_SERVICE`; as `buildTree` does
 */
export async function prebuildTree(
  cluster: ClusterDefinition,
  name: string | undefined,
  options: PrebuildOptions,
): Promise<PrebuiltTree> {
  const names = [...Object.keys(cluster.hosts ?? {}), ...Object.keys(cluster.services)]
  if (name !== undefined && !names.includes(name)) {
    const message = `the cluster has no service or host '${name}'`
    throw new ClusterError({ code: 'NO_SUCH_SERVICE', message, fix: suggestService(name, names) })
  }
  const host = hostOf(cluster.hosts, name ?? '')?.host
  const trees = treesOf(cluster)
  const [tree] = [name, host, undefined].flatMap(
    (each) => trees.find(({ of }) => of === each) ?? [],
  )
  if (!tree || isOfHost(tree)) throw nothingToBuild(trees)
  return prebuild(tree, options)
}

/**
 * Builds all trees of a cluster: its own, and those of hosts and services. A tree that several have is built once.
 * @throws ClusterError as {@link prebuildTree} does
 */
export async function prebuildTrees(
  cluster: ClusterDefinition,
  options: PrebuildOptions,
): Promise<(PrebuiltTree & { readonly of: readonly string[] })[]> {
  const trees = treesOf(cluster)
  const found = trees.filter((tree) => !isOfHost(tree))
  if (found.length === 0) throw nothingToBuild(trees)
  const byPath = new Map<string, { tree: PrebuiltTree; of: string[] }>()
  // One after the other: they may share lower steps
  for (const each of found) {
    const tree = await prebuild(each, options)
    const { of } = byPath.get(tree.path) ?? { of: [] }
    byPath.set(tree.path, { tree, of: each.of === undefined ? of : [...of, each.of] })
  }
  return [...byPath.values()].map(({ tree, of }) => ({ of, ...tree }))
}

/** A tree of a definition, and the host or service that it belongs to; undefined for the cluster. */
interface DefinedTree {
  readonly of: string | undefined
  readonly definition: TreeDefinition
}

function treesOf({ tree, hosts = {}, services }: ClusterDefinition): DefinedTree[] {
  const own = [...Object.entries(hosts), ...Object.entries(services)]
  const all = [[undefined, { tree }] as const, ...own]
  return all.flatMap(([of, { tree: definition }]) => (definition ? [{ of, definition }] : []))
}

/** Whether it is the tree of this machine, which is not built. */
function isOfHost({ definition }: DefinedTree): boolean {
  return definition.base.kind === 'host'
}

async function prebuild(
  { of, definition }: DefinedTree,
  { verify, config, ...options }: PrebuildOptions,
): Promise<PrebuiltTree> {
  const [{ buildTree }, { verifyTree }, { TreeStore }] = await Promise.all([
    import('./make/build.ts'),
    import('./make/verify.ts'),
    import('./cache/store.ts'),
  ])
  const store = new TreeStore()
  // Before the build, which would stop at the first damaged path, or put a new layer on a damaged tree
  const verified =
    verify && !options.update ? await verifyTree(definition, { ...options, store }) : undefined
  const { path, digest, key, steps, saved, release } = await buildTree(definition, {
    ...options,
    owner: treeOwner(config, of),
    store,
  })
  if (verify && key !== verified) await verifyTree(definition, { ...options, store })
  const { size, files } = store.peek(key) ?? {}
  await release()
  return { path, digest, key, size, files, steps, saved, verified: verify && key !== undefined }
}

function nothingToBuild(trees: readonly DefinedTree[]): ClusterError {
  const own = trees.flatMap((tree) => (isOfHost(tree) ? [] : (tree.of ?? [])))
  return new ClusterError({
    code: 'INVALID_DEFINITION',
    message: "the cluster has no tree to build: its services run the host's programs",
    fix:
      own.length > 0
        ? `Build the tree of a service or host: npx vitest-cluster tree ${own.join(' or ')}`
        : "Give the cluster a tree: defineCluster({ tree: debianTree({ suite: 'trixie' }), services: { … } })",
  })
}
