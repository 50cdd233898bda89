import { join } from 'node:path'
import type { Services } from '../definition/cluster.ts'
import { confine, seenByManager } from '../isolation/confine.ts'
import { TREE_LIBEXEC } from '../libexec.ts'
import { own } from '../own.ts'
import { boolean, exec, type Property, string } from '../systemd/properties.ts'
import { SESSION } from '../root/accounts.ts'
import { serviceDirectory } from './context.ts'
import { sliceName } from './names.ts'
import type { UnitSurroundings } from './sandbox.ts'

/** What a change of owners complained of, among the logs. */
export const OWNERSHIP_LOG = '_ownership.log'

/**
 * Where accounts are users of their own: a unit before all services, which gives each directory to its service's user
 * and each home to its own. Whoever made the session could not: they are other users' on the host, too. Pure.
 */
export function planOwnership(services: Services, surroundings: UnitSurroundings): Property[] {
  const { accounts } = surroundings
  const directories = Object.entries(services).map(([name, { user = SESSION, group }]) => [
    `${user}:${group ?? ''}`,
    serviceDirectory(name),
  ])
  // Other accounts are the tree's, and so are their homes
  const declared = Object.values(services).flatMap((service) => service.accounts ?? [])
  const names = [SESSION, ...declared.map(({ name }) => name)]
  const homes = names.flatMap((name) => {
    const home = own(accounts.users, name)?.home
    return home?.startsWith('/home/') ? [[`${name}:`, home]] : []
  })
  return [
    ...plan([...homes, ...directories], surroundings),
    // Done for as long as services require it
    boolean('RemainAfterExit', true),
  ]
}

/** The other way round, so that whoever made the session may write files once more. Pure. */
export function planReclaim(services: Services, surroundings: UnitSurroundings): Property[] {
  const names = Object.keys(services)
  return plan(
    names.map((name) => ['root:root', serviceDirectory(name)]),
    surroundings,
  )
}

function plan(owners: readonly (readonly string[])[], surroundings: UnitSurroundings): Property[] {
  const { id } = surroundings
  return [
    string('Description', `Owners of files of vitest-cluster session ${id}`),
    string('Slice', sliceName(id)),
    string('CollectMode', 'inactive-or-failed'),
    ...confine(surroundings, 'root'),
    exec('ExecStart', ['/bin/sh', `${TREE_LIBEXEC}/own.sh`, ...owners.flat()]),
    string('Type', 'oneshot'),
    string('StandardErrorFileToAppend', join(seenByManager(surroundings).logs, OWNERSHIP_LOG)),
  ]
}
