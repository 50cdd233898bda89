import { hostname } from 'node:os'
import { join } from 'node:path'
import type { ClusterDefinition } from '../definition/cluster.ts'
import { hostOf } from '../definition/host.ts'
import type { Isolation } from '../isolation/isolation.ts'
import { own as ownOf } from '../own.ts'
import { serviceDirectory } from '../plan/context.ts'
import type { SessionPaths } from '../plan/paths.ts'
import type { ServiceRoot, SessionGround } from '../plan/session-plan.ts'
import { TREE_NAME } from '../root/etc.ts'
import { planHostRoot } from '../root/host.ts'
import { type HostsLine, nameSources } from '../root/names.ts'
import { planHost } from '../root/of-host.ts'
import { planTreeRoot } from '../root/on-tree.ts'
import { inOrder, kept, type RootPlan } from '../root/plan.ts'
import type { Programs, SessionPrograms } from './programs.ts'
import { type FoundTree, type FoundTrees, isSameTree } from './trees.ts'

interface RootOptions {
  readonly cluster: ClusterDefinition
  readonly hosts: SessionGround['hosts']
  readonly found: {
    readonly isolation: Isolation
    readonly trees: FoundTrees
    readonly programs: SessionPrograms
    readonly resolver: string | undefined
  }
  readonly shown: Readonly<Record<string, FoundTree>>
  readonly paths: SessionPaths
  readonly accounts: SessionGround['accounts']
}

/** The session's root file systems, each with the host's programs or a tree. All have the same `/srv`. */
export async function rootsOf(
  options: RootOptions,
  ownManager: boolean,
): Promise<SessionGround['roots']> {
  const { cluster, found, paths } = options
  const { main, own, of } = found.trees
  const plan = (tree: FoundTree, root: string, etc: string) =>
    tree.built
      ? planTreeRoot({
          ...etcOptions(options),
          ...{ root, etc, files: tree.path, writable: tree.writable },
          source: ownManager ? join(paths.tree, nameOf(options.shown, tree)) : tree.path,
        })
      : planHostRoot({ ...etcOptions(options), root })
  const withTree = (root: RootPlan, tree: FoundTree, programs: Programs): ServiceRoot => ({
    ...{ ...root, tree: tree.path, digest: tree.built?.digest, programs },
  })
  const names = Object.keys(cluster.services)
  // With many uids nobody can remove the directories of services (keptDirectories)
  const directories = options.accounts.uids === 'many' ? [] : names.map(serviceDirectory)
  const srv = kept(paths.root, ['srv', ...directories])
  const targets = new Set(srv.map(({ target }) => target))
  const mainRoot = withTree(await plan(main, paths.root, paths.etc), main, found.programs.main)
  // A host that has the main tree has the main root, with other files over it
  const ofMain = { ...mainRoot, directories: [], links: [], files: [], copies: [] }
  const hosts = Object.keys(cluster.hosts ?? {})
  const others = [...new Set([...hosts, ...Object.keys(own)])].map(async (name) => {
    const place = join(paths.roots, name)
    const tree = ownOf(own, name)
    const host = hosts.includes(name) ? name : hostOf(cluster.hosts, name)?.host
    if (!tree)
      return [name, withHost(mainRoot, ofMain, host, { place, etc: paths.etc }, options)] as const
    const etc = join(place, 'etc')
    const root = await plan(tree, join(place, 'root'), etc)
    const mounts = inOrder([...srv, ...root.mounts.filter(({ target }) => !targets.has(target))])
    const planned = withTree({ ...root, mounts }, tree, ownOf(found.programs.own, name) ?? {})
    return [name, withHost(planned, planned, host, { place, etc }, options)] as const
  })
  return { main: mainRoot, own: Object.fromEntries(await Promise.all(others)), of }
}

/** A root with a host's directories and files. @param added what the session creates besides these */
function withHost(
  base: ServiceRoot,
  added: ServiceRoot,
  name: string | undefined,
  places: { readonly place: string; readonly etc: string },
  options: RootOptions,
): ServiceRoot {
  if (name === undefined) return added
  const { cluster, found, hosts } = options
  const parts = planHost(base, {
    ...{ name, ...places, machine: hostname(), inside: found.isolation.inside },
    tree: base.tree,
    address: ownOf(hosts, name)?.address ?? '127.0.0.1',
    directories: ownOf(cluster.hosts ?? {}, name)?.directories ?? [],
    names: etcOptions(options),
  })
  return {
    ...added,
    ...parts,
    directories: [...added.directories, ...parts.directories],
    files: [
      ...added.files.filter(({ path }) => !parts.files.some((each) => each.path === path)),
      ...parts.files,
    ],
  }
}

function etcOptions({ cluster, hosts, accounts, found }: RootOptions) {
  const { services, names = {} } = cluster
  const { resolver } = found
  const paths = Object.values(services).flatMap((service) => service.hostPaths ?? [])
  const addresses = Object.entries(hosts).map(
    ([name, host]): HostsLine => [host.address, [name, ...host.services]],
  )
  return {
    accounts,
    hostPaths: [...new Set(paths)],
    ...{ hostNames: Object.keys(services), addresses, hosts: names.hosts ?? {} },
    machines: [hostname(), TREE_NAME],
    sources: nameSources(services, names, resolver !== undefined),
    resolver,
  }
}

function nameOf(shown: Readonly<Record<string, FoundTree>>, tree: FoundTree): string {
  const [name] = Object.entries(shown).find(([, each]) => isSameTree(each, tree)) ?? []
  if (name === undefined) throw new Error(`${tree.path} is not shown`)
  return name
}
