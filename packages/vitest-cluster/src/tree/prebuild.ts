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
  /** Undefined for a directory that is used where it is. */
  readonly key: string | undefined
  /** Bytes and number of regular files; undefined as above. */
  readonly size: number | undefined
  readonly files: number | undefined
  readonly steps: readonly BuiltStep[]
  /** Milliseconds that the cache saved. */
  readonly saved: number
  /** Whether all of its files were compared with what they were. */
  readonly verified: boolean
}

export interface PrebuildOptions {
  /** The tree that this service has, be it its own or the cluster's; the cluster's by default. */
  readonly service?: string | undefined
  readonly baseDirectory: string
  /** The definition's file. */
  readonly config: string
  readonly progress: TreeProgress
  /** Resolve package versions anew. */
  readonly update: boolean
  /** Compare all files with what they were when they were made. */
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
  // Before it is used: what is damaged would be found at its first path only, or be the ground of a new layer
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
    message: "the cluster has no tree of its own: its services run on the host's programs",
    fix:
      own.length > 0
        ? `Services have: npx vitest-cluster tree ${own.join(' or ')}`
        : "defineCluster({ tree: debianTree({ suite: 'trixie' }), services: { … } }) gives it one",
  })
}
