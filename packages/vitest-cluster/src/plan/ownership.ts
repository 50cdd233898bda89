import { join } from 'node:path'
import type { Services } from '../definition/cluster.ts'
import { confine, seenByManager } from '../isolation/confine.ts'
import { TREE_LIBEXEC } from '../libexec.ts'
import { own } from '../own.ts'
import { SESSION } from '../root/accounts.ts'
import type { UnitSettings } from '../systemd/settings.ts'
import { serviceDirectory } from './context.ts'
import { givingUnit, ownershipUnit, reclaimUnit, sliceName } from './names.ts'
import type { ServicePlan, SessionGround, UnitPlan } from './session-plan.ts'

/** What a change of owners complained of, among the logs. */
export const OWNERSHIP_LOG = '_ownership.log'

/**
 * Where accounts are users of their own: a unit before all services, which gives each directory to its service's user
 * and each home to its own. Whoever made the session could not: they are other users' on the host, too. Pure.
 */
export function planOwnership(services: Services, ground: SessionGround): UnitPlan {
  const { accounts } = ground
  const directories = Object.entries(services).map(([name, { user, group }]) =>
    directory(name, user, group),
  )
  // Other accounts are the tree's, and so are their homes
  const declared = Object.values(services).flatMap((service) => service.accounts ?? [])
  const names = [SESSION, ...declared.map(({ name }) => name)]
  const homes = names.flatMap((name) => {
    const home = own(accounts.users, name)?.home
    return home?.startsWith('/home/') ? [[`${name}:`, home]] : []
  })
  const settings = plan([...homes, ...directories], ground)
  // Done for as long as services require it
  return { name: ownershipUnit(ground.id), settings: { ...settings, RemainAfterExit: true } }
}

/** Gives services their directories once more, after the run has written to them. Pure. */
export function planGiving(services: readonly ServicePlan[], ground: SessionGround): UnitPlan {
  const owners = services.map(({ name, user, group }) => directory(name, user, group))
  return { name: givingUnit(ground.id), settings: plan(owners, ground) }
}

/** The other way round, so that whoever made the session may write files once more. Pure. */
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
