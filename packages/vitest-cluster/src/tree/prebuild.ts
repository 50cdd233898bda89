import type { ClusterDefinition } from '../definition/cluster.ts'
import { suggestService } from '../definition/nearest.ts'
import { ClusterError } from '../errors.ts'
import { own } from '../own.ts'
import type { BuiltStep } from './make/build.ts'
import { treeOwner } from './owner.ts'
import type { TreeProgress } from './progress.ts'

/** The tree of a cluster, as it is in the cache. */
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
  /** Build the tree of this service, which may be its own or the cluster's; by default the cluster's. */
  readonly service?: string | undefined
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
 * Builds the tree of a cluster, or finds it in the cache, without a session.
 * @throws ClusterError `INVALID_DEFINITION` for the host's own tree, `NO_SUCH_SERVICE`; as `buildTree` does
 */
export async function prebuildTree(
  cluster: ClusterDefinition,
  { service, verify, config, ...options }: PrebuildOptions,
): Promise<PrebuiltTree> {
  const definition = treeOf(cluster, service)
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
    owner: treeOwner(config, own(cluster.services, service ?? '')?.tree ? service : undefined),
    store,
  })
  if (verify && key !== verified) await verifyTree(definition, { ...options, store })
  const { size, files } = store.peek(key) ?? {}
  await release()
  return { path, digest, key, size, files, steps, saved, verified: verify && key !== undefined }
}

function treeOf({ tree, services }: ClusterDefinition, service: string | undefined) {
  const names = Object.keys(services)
  if (service !== undefined && !names.includes(service)) {
    const message = `the cluster has no service '${service}'`
    const fix = suggestService(service, names)
    throw new ClusterError({ code: 'NO_SUCH_SERVICE', message, fix })
  }
  const found = (service === undefined ? undefined : services[service]?.tree) ?? tree
  if (found && found.base.kind !== 'host') return found
  const own = names.filter((name) => services[name]?.tree)
  throw new ClusterError({
    code: 'INVALID_DEFINITION',
    message: "the cluster has no tree to build: its services run the host's programs",
    fix:
      own.length > 0
        ? `Build the tree of a service: npx vitest-cluster tree ${own.join(' or ')}`
        : "Give the cluster a tree: defineCluster({ tree: debianTree({ suite: 'trixie' }), services: { … } })",
  })
}
