import { join } from 'node:path'
import { accountsIn } from '../definition/check-ids.ts'
import type { ClusterDefinition } from '../definition/cluster.ts'
import { confine, seenByManager } from '../isolation/confine.ts'
import { TREE_LIBEXEC } from '../libexec.ts'
import { own } from '../own.ts'
import { SESSION } from '../root/accounts.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { serviceDirectory } from './context.ts'
import { givingUnit, ownershipUnit, reclaimUnit, sliceName } from './names.ts'
import type { ServicePlan, SessionGround, UnitPlan } from './session-plan.ts'

/** The log of the units that change owners. */
export const OWNERSHIP_LOG = '_ownership.log'

/**
 * If accounts have different uids: a unit before all services that gives each service's directory to its user, and each
 * home to its account. The process that opens the session may not do so: on the host these are uids of other users. Pure.
 */
export function planOwnership(
  { services, names }: ClusterDefinition,
  ground: SessionGround,
): UnitPlan {
  const { accounts } = ground
  const directories = Object.entries(services).map(([name, { user, group }]) =>
    directory(name, user, group),
  )
  // Other accounts belong to the tree, which has their homes
  const declared = accountsIn(services, names).map(([{ name }]) => name)
  const homes = [SESSION, ...declared].flatMap((name) => {
    const home = own(accounts.users, name)?.home
    return home?.startsWith('/home/') ? [[`${name}:`, home]] : []
  })
  const settings = plan([...homes, ...directories], ground)
  // A service requires this unit, so it has to stay active after its program has ended
  return { name: ownershipUnit(ground.id), settings: { ...settings, RemainAfterExit: true } }
}

/** Gives services their directories again after the run has written to them. Pure. */
export function planGiving(services: readonly ServicePlan[], ground: SessionGround): UnitPlan {
  const owners = services.map(({ name, user, group }) => directory(name, user, group))
  return { name: givingUnit(ground.id), settings: plan(owners, ground) }
}

/** Gives the directories to the run, so that it may write files again. Pure. */
export function planReclaim(services: readonly ServicePlan[], ground: SessionGround): UnitPlan {
  const owners = services.map(({ name }) => ['root:root', serviceDirectory(name)])
  return { name: reclaimUnit(ground.id), settings: plan(owners, ground) }
}

function directory(name: string, user = SESSION, group = ''): string[] {
  return [`${user}:${group}`, serviceDirectory(name)]
}

function plan(owners: readonly (readonly string[])[], ground: SessionGround): UnitSettings {
  const { id } = ground
  return {
    Description: `Owners of files of vitest-cluster session ${id}`,
    Slice: sliceName(id),
    CollectMode: 'inactive-or-failed',
    ...confine({ ...ground, root: ground.roots.main }, 'root'),
    ExecStart: ['/bin/sh', `${TREE_LIBEXEC}/own.sh`, ...owners.flat()],
    Type: 'oneshot',
    StandardError: `append:${join(seenByManager(ground).logs, OWNERSHIP_LOG)}`,
  }
}
