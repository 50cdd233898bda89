import { join } from 'node:path'
import type { ClusterDefinition } from '../definition/cluster.ts'
import { chooseIsolation } from '../isolation/choose.ts'
import type { Isolation } from '../isolation/isolation.ts'
import { chooseOwner } from '../machine/owner.ts'
import { sliceName, unitName } from '../plan/names.ts'
import { managerSocket, type SessionPaths } from '../plan/paths.ts'
import type { ManagerPlan, SessionGround } from '../plan/session-plan.ts'
import { assignIds } from '../root/accounts.ts'
import { etcPlace, readResolver } from '../root/etc.ts'
import { busAddress } from '../systemd/address.ts'
import { cgroupMount } from '../systemd/cgroup.ts'
import { checkNameSources } from './name-sources.ts'
import { checkHelpers, checkManagerIn, findPrograms, type SessionPrograms } from './programs.ts'
import { rootsOf } from './roots.ts'
import type { FoundManager } from './select-manager.ts'
import {
  accountsOf,
  type FoundTree,
  type FoundTrees,
  findTrees,
  isSameTree,
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
  readonly hosts: SessionGround['hosts']
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
  await checkManagerIn(trees, isolation)
  const programs = await findPrograms(cluster.services, trees)
  await checkHelpers(cluster.services, trees, isolation)
  checkNameSources(cluster, trees)
  return { isolation, trees, programs, resolver }
}

/** Chooses paths, owner, accounts, manager and roots of a session: its services are planned from these. Creates nothing. */
export async function planGround(
  cluster: ClusterDefinition,
  found: Found,
  manager: FoundManager,
  { id, paths, baseDirectory, hosts }: GroundOptions,
): Promise<SessionGround> {
  const { isolation, trees } = found
  const shown = shownTrees(trees)
  const { uids } = isolation
  const ofCache = Object.values(shown).some(({ built }) => built?.key !== undefined)
  const owner = chooseOwner(uids, ofCache)
  const accounts = assignIds(cluster.services, uids, owner, accountsOf(trees), cluster.names)
  const ground = { cluster, hosts, found, shown, paths, accounts }
  const ownTrees = Object.entries(shown).map(([name, tree]) => {
    const place = etcPlace({ ...tree, files: tree.path, resolver: found.resolver })
    const etc = place === 'merged' ? etcOfTree(trees, tree, paths) : undefined
    return [name, { path: tree.path, writable: tree.writable, etc }] as const
  })
  const mounted = ownTrees.some(([, { writable, etc }]) => writable || etc !== undefined)
  // The user's own manager is enough unless something has to be mounted for all units
  const hasOwn = manager.kind === 'private' || isolation.name !== 'chroot' || mounted
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
    trees: Object.fromEntries(ownTrees),
    roots: await rootsOf(ground, hasOwn),
    hosts,
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

/** The directory of the session's own files of /etc for the first root that has a tree. */
function etcOfTree({ main, own }: FoundTrees, tree: FoundTree, paths: SessionPaths): string {
  const [name] = Object.entries(own).find(([, each]) => isSameTree(each, tree)) ?? []
  return isSameTree(main, tree) || name === undefined ? paths.etc : join(paths.roots, name, 'etc')
}
