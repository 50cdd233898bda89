import { join } from 'node:path'
import type { ClusterDefinition, Services } from '../definition/cluster.ts'
import { chooseIsolation } from '../isolation/choose.ts'
import type { Isolation } from '../isolation/isolation.ts'
import { chooseOwner } from '../machine/owner.ts'
import { own as ownOf } from '../own.ts'
import { serviceDirectory } from '../plan/context.ts'
import { sliceName, unitName } from '../plan/names.ts'
import { managerSocket, type SessionPaths } from '../plan/paths.ts'
import type { ManagerPlan, ServiceRoot, SessionGround } from '../plan/session-plan.ts'
import { assignIds } from '../root/accounts.ts'
import { readResolver } from '../root/etc.ts'
import { planHostRoot } from '../root/host.ts'
import { planTreeRoot } from '../root/on-tree.ts'
import { inOrder, kept, type RootPlan } from '../root/plan.ts'
import { busAddress } from '../systemd/address.ts'
import { cgroupMount } from '../systemd/cgroup.ts'
import { checkManagerIn, checkReadiness, findPrograms, type SessionPrograms } from './programs.ts'
import type { FoundManager } from './select-manager.ts'
import {
  accountsOf,
  type FoundTree,
  type FoundTrees,
  findTrees,
  shownTrees,
  type TreeOptions,
} from './trees.ts'

/** Everything that the machine has for a definition: isolation, trees, programs. */
export interface Found {
  readonly isolation: Isolation
  readonly trees: FoundTrees
  readonly programs: SessionPrograms
  /** The text of the host's resolv.conf(5), for `dns: 'host'`. */
  readonly resolver: string | undefined
}

export interface GroundOptions {
  readonly id: string
  readonly paths: SessionPaths
  readonly baseDirectory: string
}

/**
 * The variables of the session's own manager, as libexec/manager sets them. Not those that systemd adds for a unit with
 * User= (USER, LOGNAME, SHELL in systemd.exec(5)): a service gets these.
 */
const OWN_VARIABLES = [
  ...['PATH', 'LANG', 'HOME', 'TERM', 'container', 'container_uuid'],
  ...['container_host_id', 'container_host_version_id', 'container_host_build_id'],
  ...['container_host_variant_id', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'],
  ...['SYSTEMD_UNIT_PATH', 'SYSTEMD_GENERATOR_PATH', 'SYSTEMD_ENVIRONMENT_GENERATOR_PATH'],
]

/**
 * Finds everything that a definition needs of the machine.
 * @throws ClusterError with what is missing; as `buildTree` does
 */
export async function findForCluster(
  cluster: ClusterDefinition,
  options: TreeOptions,
): Promise<Found> {
  const resolver = cluster.dns === 'host' ? await readResolver() : undefined
  const [isolation, trees] = await Promise.all([
    chooseIsolation(cluster),
    findTrees(cluster, options),
  ])
  await checkManagerIn(trees.main, isolation)
  const programs = await findPrograms(cluster.services, trees)
  await checkReadiness(cluster.services, trees)
  return { isolation, trees, programs, resolver }
}

/** Chooses paths, owner, accounts, manager and roots of a session: its services are planned from these. Creates nothing. */
export async function planGround(
  cluster: ClusterDefinition,
  found: Found,
  manager: FoundManager,
  { id, paths, baseDirectory }: GroundOptions,
): Promise<SessionGround> {
  const { isolation, trees } = found
  const shown = shownTrees(trees)
  const { uids } = isolation
  const ofCache = Object.values(shown).some(({ built }) => built?.key !== undefined)
  const owner = chooseOwner(uids, ofCache)
  const accounts = assignIds(cluster.services, uids, owner, accountsOf(trees))
  const ground = { services: cluster.services, found, shown, paths, accounts }
  const writable = Object.values(shown).some((tree) => tree.writable)
  // The user's own manager is enough unless something has to be mounted for all units
  const hasOwn = manager.kind === 'private' || isolation.name !== 'chroot' || writable
  return {
    id,
    paths,
    baseDirectory,
    isolation: isolation.name,
    uids,
    network: cluster.network ?? 'host',
    owner,
    accounts,
    manager: await (hasOwn ? ownManager(manager, isolation, { id, paths }) : usersManager(manager)),
    trees: Object.fromEntries(
      Object.entries(shown).map(([name, { path, writable }]) => [name, { path, writable }]),
    ),
    roots: await rootsOf(ground, hasOwn),
  }
}

async function usersManager(manager: FoundManager): Promise<ManagerPlan> {
  if (manager.kind === 'private') throw new Error('a private manager is the session’s own')
  return {
    own: false,
    address: manager.address,
    cgroup: await cgroupMount(),
    hidden: manager.variables,
  }
}

async function ownManager(
  manager: FoundManager,
  { name }: Isolation,
  { id, paths }: Pick<GroundOptions, 'id' | 'paths'>,
): Promise<ManagerPlan> {
  const group =
    manager.kind === 'private'
      ? sessionGroup(manager.cgroup, id)
      : join(await cgroupMount(), manager.group, sliceName(id), unitName(id, '_manager'))
  // systemd-nspawn puts the manager into a group of its own, two levels below
  const cgroup = join(group, name === 'nspawn' ? 'manager/payload' : 'manager')
  const address = busAddress(managerSocket(paths, name).path)
  return { own: true, group, address, cgroup, hidden: OWN_VARIABLES }
}

/** The control group of a session, below the caller's. */
export function sessionGroup(parent: string, id: string): string {
  return join(parent, `vitest-cluster-${id}`)
}

interface RootOptions {
  readonly services: Services
  readonly found: Found
  readonly shown: Readonly<Record<string, FoundTree>>
  readonly paths: SessionPaths
  readonly accounts: SessionGround['accounts']
}

/** The session's root file systems, each with the host's programs or a tree. All have the same `/srv`. */
async function rootsOf(options: RootOptions, ownManager: boolean): Promise<SessionGround['roots']> {
  const { services, found, paths } = options
  const { main, own } = found.trees
  const plan = (tree: FoundTree, root: string, etc: string) =>
    tree.built
      ? planTreeRoot({
          ...etcOptions(options),
          ...{ root, etc, files: tree.path, writable: tree.writable },
          source: ownManager ? join(paths.tree, nameOf(options.shown, tree)) : tree.path,
        })
      : planHostRoot({ ...etcOptions(options), root })
  const withTree = (root: RootPlan, tree: FoundTree, service?: string): ServiceRoot => {
    const programs =
      service === undefined ? found.programs.main : ownOf(found.programs.own, service)
    return { ...root, tree: tree.path, digest: tree.built?.digest, programs: programs ?? {} }
  }
  const srv = kept(paths.root, ['srv', ...Object.keys(services).map(serviceDirectory)])
  const targets = new Set(srv.map(({ target }) => target))
  const others = Object.entries(own).map(async ([name, tree]) => {
    const place = join(paths.roots, name)
    const root = await plan(tree, join(place, 'root'), join(place, 'etc'))
    const mounts = inOrder([...srv, ...root.mounts.filter(({ target }) => !targets.has(target))])
    return [name, withTree({ ...root, mounts }, tree, name)] as const
  })
  return {
    main: withTree(await plan(main, paths.root, paths.etc), main),
    own: Object.fromEntries(await Promise.all(others)),
  }
}

function etcOptions({ services, accounts, found }: RootOptions) {
  const paths = Object.values(services).flatMap((service) => service.hostPaths ?? [])
  const hostPaths = [...new Set(paths)]
  return { accounts, hostPaths, hostNames: Object.keys(services), resolver: found.resolver }
}

function nameOf(shown: Readonly<Record<string, FoundTree>>, tree: FoundTree): string {
  const name = Object.keys(shown).find((each) => shown[each]?.path === tree.path)
  if (name === undefined) throw new Error(`${tree.path} is not shown`)
  return name
}
